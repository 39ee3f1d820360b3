//! Syntax: the policies in the arguments of `#[protected(..)]`: requirements on the claims of a verified token.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, LitStr, Result, Token, parenthesized, token};

use crate::argument::parse_value;
use crate::diagnostics::error;
use crate::tokens::source_text;

/// A requirement and its source text, which the log shows.
pub(crate) struct Policy {
    pub(crate) words: String,
    pub(crate) requirement: Requirement,
}

/// A requirement that the claims must meet.
pub(crate) enum Requirement {
    /// The expression is true.
    Condition(Box<Expr>),
    /// The claims have one of these roles.
    AnyRole(Vec<Expr>),
    /// The claims have all of these scopes.
    Scopes(Vec<LitStr>),
    /// The claims have one of these scopes.
    AnyScope(Vec<LitStr>),
}

/// Parses `require = condition` or `require(condition, ..)`. Each condition becomes its own policy.
pub(crate) fn conditions(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "payload.org_id == Some(org_id)";
    let conditions = if input.peek(token::Paren) {
        list(name, input, EXAMPLE)?
    } else {
        vec![parse_value(name, input, EXAMPLE)?]
    };
    let policy = |condition| Policy {
        words: source_text(&condition),
        requirement: Requirement::Condition(Box::new(condition)),
    };
    Ok(conditions.into_iter().map(policy).collect())
}

/// Parses `role = role`.
pub(crate) fn role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let role: Expr = parse_value(name, input, "Role::Admin")?;
    let words = format!("{name} = {}", source_text(&role));
    Ok(vec![Policy { words, requirement: Requirement::AnyRole(vec![role]) }])
}

/// Parses `any_role(role, ..)`.
pub(crate) fn any_role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let roles = list(name, input, "Role::Admin, Role::Clerk")?;
    let words: Vec<_> = roles.iter().map(source_text).collect();
    let words = format!("{name}({})", words.join(", "));
    Ok(vec![Policy { words, requirement: Requirement::AnyRole(roles) }])
}

/// Parses `scope = ".."`.
pub(crate) fn scope(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let scope: LitStr = parse_value(name, input, "\"invoices:read\"")?;
    validate_scope(&scope)?;
    let words = format!("{name} = {:?}", scope.value());
    Ok(vec![Policy { words, requirement: Requirement::Scopes(vec![scope]) }])
}

/// Parses `scopes("..", ..)` or `any_scope("..", ..)`.
pub(crate) fn scopes(
    name: &Ident,
    input: ParseStream<'_>,
    requirement: fn(Vec<LitStr>) -> Requirement,
) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "\"invoices:read\", \"invoices:write\"";
    let literal = |scope| match scope {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(error(other, format!("expected string literal: write `{name}({EXAMPLE})`"))),
    };
    let scopes: Vec<LitStr> = list(name, input, EXAMPLE)?.into_iter().map(literal).collect::<Result<_>>()?;
    scopes.iter().try_for_each(validate_scope)?;
    let names: Vec<_> = scopes.iter().map(|scope| format!("{:?}", scope.value())).collect();
    let words = format!("{name}({})", names.join(", "));
    Ok(vec![Policy { words, requirement: requirement(scopes) }])
}

/// Parses `max_age = "5m"` and returns the age in seconds.
pub(crate) fn max_age(name: &Ident, input: ParseStream<'_>) -> Result<u64> {
    let written: LitStr = parse_value(name, input, "\"5m\"")?;
    seconds(&written.value()).ok_or_else(|| {
        let expected = "expected a positive integer and a unit, `s`, `m`, `h` or `d`";
        error(&written, format!("{expected}: write `{name} = \"5m\"`"))
    })
}

/// Converts a number with a unit to seconds. Returns `None` if it is malformed, zero or too large.
fn seconds(text: &str) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let in_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    let only_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = only_digits.then(|| digits.parse().ok()).flatten()?;
    number.checked_mul(in_unit).filter(|seconds| *seconds > 0)
}

/// Validates the characters of a scope (RFC 6749 section 3.3).
///
/// Challenges send scopes to clients in quotes, and tokens separate them with spaces.
fn validate_scope(scope: &LitStr) -> Result<()> {
    let text = scope.value();
    if text.is_empty() {
        return Err(error(scope, "a scope cannot be empty: write one, such as `\"invoices:read\"`"));
    }
    let valid = text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    if valid {
        return Ok(());
    }
    Err(error(
        scope,
        "a scope is one word of ASCII characters without quotes and backslashes: write several scopes as \
         `scopes(\"a\", \"b\")`",
    ))
}

/// Parses a list of expressions in parentheses, with at least one element.
fn list(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<Vec<Expr>> {
    let missing = || {
        error(name, format!("`{name}` needs at least one value in parentheses: write `{name}({example})`"))
    };
    if !input.peek(token::Paren) {
        return Err(missing());
    }
    let list;
    parenthesized!(list in input);
    let elements = Punctuated::<Expr, Token![,]>::parse_terminated(&list).inspect_err(|_| {
        // The rest of the list would be reported too.
        drop(list.parse::<TokenStream>());
    })?;
    if elements.is_empty() { Err(missing()) } else { Ok(elements.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn an_age_is_a_positive_integer_with_one_unit() {
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("5m"), Some(300));
        assert_eq!(seconds("2h"), Some(7_200));
        assert_eq!(seconds("1d"), Some(86_400));
        for malformed in
            ["", "5", "m", "0m", "+5m", "-5m", "5 m", "1.5h", "5min", "5é", "99999999999999999999s"]
        {
            assert_eq!(seconds(malformed), None, "{malformed}");
        }
        assert_eq!(seconds(&format!("{}d", u64::MAX)), None);
    }
}
