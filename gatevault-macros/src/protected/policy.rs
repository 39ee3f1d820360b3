//! Syntax: the policies in the arguments of `#[protected(..)]`: requirements on the claims of a verified token.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, LitStr, Result, Token, parenthesized, token};

use super::condition::Condition;
use super::payload::Payload;
use super::remedies;
use crate::argument::parse_value;
use crate::diagnostics::error;
use crate::tokens::{mentions, source_text};

/// A requirement and its source text, which the log shows.
pub(crate) struct Policy {
    pub(crate) words: String,
    pub(crate) requirement: Requirement,
    /// True if an enclosing `#[guarded]` demands it.
    pub(crate) inherited: bool,
}

impl Policy {
    /// Creates the policy of an argument.
    fn new(words: String, requirement: Requirement) -> Self {
        Self { words, requirement, inherited: false }
    }

    /// Returns the condition if the requirement is one.
    pub(crate) fn condition(&self) -> Option<&Expr> {
        match &self.requirement {
            Requirement::Condition(condition, _) => Some(&condition.expression),
            _ => None,
        }
    }

    /// Returns the expressions of the requirement, which may use any name in scope.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let roles = match &self.requirement {
            Requirement::AnyRole(roles) => roles.as_slice(),
            _ => &[],
        };
        self.condition().into_iter().chain(roles)
    }

    /// Returns whether the policy reads the payload.
    pub(crate) fn reads(&self, payload: &Payload) -> bool {
        self.condition().is_none_or(|condition| mentions(condition, &payload.name))
    }

    /// Returns whether the policy reads the role or the scopes.
    pub(crate) fn reads_claims(&self) -> bool {
        self.condition().is_none()
    }
}

/// A requirement that the claims must meet.
pub(crate) enum Requirement {
    /// The expression is true. An expression of another type than `bool` is reported beside the argument's name.
    Condition(Box<Condition>, Ident),
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
    let conditions: Vec<Condition> = if input.peek(token::Paren) {
        list(name, input, EXAMPLE)?
    } else {
        vec![parse_value(name, input, EXAMPLE)?]
    };
    for condition in &conditions {
        remedies::reject_quoted(name, &condition.expression)?;
    }
    let policy = |condition: Condition| {
        let words = source_text(&condition.expression);
        Policy::new(words, Requirement::Condition(Box::new(condition), name.clone()))
    };
    Ok(conditions.into_iter().map(policy).collect())
}

/// Parses `role = role`.
pub(crate) fn role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let role: Expr = parse_one(name, input, "Role::Admin", "any_role")?;
    let words = format!("{name} = {}", source_text(&role));
    Ok(vec![Policy::new(words, Requirement::AnyRole(vec![role]))])
}

/// Parses `any_role(role, ..)`.
pub(crate) fn any_role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let roles: Vec<Expr> = list(name, input, "Role::Admin, Role::Clerk")?;
    let words: Vec<_> = roles.iter().map(source_text).collect();
    let words = format!("{name}({})", words.join(", "));
    Ok(vec![Policy::new(words, Requirement::AnyRole(roles))])
}

/// Parses `scope = ".."`.
pub(crate) fn scope(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "\"invoices:read\"";
    let scope = literal(parse_one(name, input, EXAMPLE, "scopes")?, &format!("{name} = {EXAMPLE}"))?;
    validate_scope(&scope)?;
    let words = format!("{name} = {:?}", scope.value());
    Ok(vec![Policy::new(words, Requirement::Scopes(vec![scope]))])
}

/// Parses `scopes("..", ..)` or `any_scope("..", ..)`.
pub(crate) fn scopes(
    name: &Ident,
    input: ParseStream<'_>,
    requirement: fn(Vec<LitStr>) -> Requirement,
) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "\"invoices:read\", \"invoices:write\"";
    let literal = |scope| literal(scope, &format!("{name}({EXAMPLE})"));
    let scopes: Vec<LitStr> = list(name, input, EXAMPLE)?.into_iter().map(literal).collect::<Result<_>>()?;
    scopes.iter().try_for_each(validate_scope)?;
    let names: Vec<_> = scopes.iter().map(|scope| format!("{:?}", scope.value())).collect();
    let words = format!("{name}({})", names.join(", "));
    Ok(vec![Policy::new(words, requirement(scopes))])
}

/// Parses `max_age = "5m"` and returns the age in seconds.
pub(crate) fn max_age(name: &Ident, input: ParseStream<'_>) -> Result<u64> {
    let written: LitStr = parse_value(name, input, "\"5m\"")?;
    seconds(&written.value()).ok_or_else(|| {
        let expected = "expected a positive integer and a unit, `s`, `m`, `h` or `d`";
        error(&written, format!("{expected}: write `{name} = \"5m\"`"))
    })
}

/// Parses `acr = ".."`, the class that the authentication must have.
pub(crate) fn acr(name: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    let class: LitStr = parse_value(name, input, "\"phr\"")?;
    validate_word(&class, "an `acr`", "write one class, such as `\"phr\"`")?;
    Ok(class)
}

/// Parses `amr = ".."`, a method of the authentication.
pub(crate) fn amr(name: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    let method: LitStr = parse_value(name, input, "\"otp\"")?;
    validate_word(&method, "an `amr`", "write one method, such as `\"otp\"`")?;
    Ok(method)
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
    let remedy = if scope.value().is_empty() {
        "write one, such as `\"invoices:read\"`"
    } else {
        "write several scopes as `scopes(\"a\", \"b\")`"
    };
    validate_word(scope, "a scope", remedy)
}

/// Validates the characters of a value that a challenge sends in quotes. The error for `what` ends with `remedy`.
fn validate_word(value: &LitStr, what: &str, remedy: &str) -> Result<()> {
    let text = value.value();
    if text.is_empty() {
        return Err(error(value, format!("{what} cannot be empty: {remedy}")));
    }
    if text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
        return Ok(());
    }
    let rule = "is one word of ASCII characters without quotes and backslashes";
    Err(error(value, format!("{what} {rule}: {remedy}")))
}

/// Returns the string, and rejects any other expression.
fn literal(value: Expr, remedy: &str) -> Result<LitStr> {
    string(&value).ok_or_else(|| error(value, format!("expected string literal: write `{remedy}`")))
}

/// Returns the string if the expression is one, also within the invisible group that `macro_rules!` puts around it.
pub(crate) fn string(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(group) => string(&group.expr),
        _ => None,
    }
}

/// Parses the one value of an argument. `several` is the argument that takes more.
fn parse_one(name: &Ident, input: ParseStream<'_>, example: &str, several: &str) -> Result<Expr> {
    if input.peek(token::Paren) {
        return Err(remedies::in_parentheses(name, input, several));
    }
    let value = parse_value(name, input, example)?;
    remedies::reject_several(name, &value, several, input)?;
    Ok(value)
}

/// Parses a list of values in parentheses, with at least one element.
fn list<T: Parse>(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<Vec<T>> {
    let missing = || remedies::not_a_list(name, input, example);
    if !input.peek(token::Paren) {
        return Err(missing());
    }
    let list;
    parenthesized!(list in input);
    let elements = Punctuated::<T, Token![,]>::parse_terminated(&list).inspect_err(|_| {
        // The rest of the list would be reported too.
        drop(list.parse::<TokenStream>());
    })?;
    if elements.is_empty() { Err(missing()) } else { Ok(elements.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group};
    use quote::quote;

    use super::{seconds, string};

    #[test]
    fn a_string_from_a_macro_is_a_string() {
        let group = |content| Group::new(Delimiter::None, content);
        let value = group(quote!("a"));
        let nested = group(quote!(#value));
        for value in [quote!("a"), quote!(#value), quote!(#nested)] {
            assert_eq!(string(&syn::parse2(value).unwrap()).map(|text| text.value()).as_deref(), Some("a"));
        }
        assert!(string(&syn::parse2(quote!(A)).unwrap()).is_none());
    }

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
