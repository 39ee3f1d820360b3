//! Syntax: what a function demands of a caller who is known, in the arguments of `#[protected(..)]`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, LitStr, Result, Token, parenthesized, token};

use crate::argument::value;
use crate::diagnostics::refuse;
use crate::tokens::source;

/// A demand, and how it reads in a log: as it was written.
pub(crate) struct Policy {
    pub(crate) words: String,
    pub(crate) demand: Demand,
}

pub(crate) enum Demand {
    /// An expression of the user's that must be true.
    Condition(Box<Expr>),
    /// One of these roles.
    AnyRole(Vec<Expr>),
    /// Every one of these scopes.
    Scopes(Vec<LitStr>),
    /// One of these scopes.
    AnyScope(Vec<LitStr>),
}

/// `require = condition`, or `require(condition, ..)`, of which each is a policy of its own.
pub(crate) fn conditions(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "payload.org_id == Some(org_id)";
    let conditions = if input.peek(token::Paren) {
        list(name, input, EXAMPLE)?
    } else {
        vec![value(name, input, EXAMPLE)?]
    };
    let policy =
        |condition| Policy { words: source(&condition), demand: Demand::Condition(Box::new(condition)) };
    Ok(conditions.into_iter().map(policy).collect())
}

/// `role = role`.
pub(crate) fn role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let role: Expr = value(name, input, "Role::Admin")?;
    Ok(vec![Policy { words: format!("{name} = {}", source(&role)), demand: Demand::AnyRole(vec![role]) }])
}

/// `any_role(role, ..)`.
pub(crate) fn any_role(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let roles = list(name, input, "Role::Admin, Role::Clerk")?;
    let words: Vec<_> = roles.iter().map(source).collect();
    Ok(vec![Policy { words: format!("{name}({})", words.join(", ")), demand: Demand::AnyRole(roles) }])
}

/// `scope = ".."`.
pub(crate) fn scope(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Policy>> {
    let scope: LitStr = value(name, input, "\"invoices:read\"")?;
    refuse_unspeakable(&scope)?;
    Ok(vec![Policy { words: format!("{name} = {:?}", scope.value()), demand: Demand::Scopes(vec![scope]) }])
}

/// `scopes("..", ..)` or `any_scope("..", ..)`.
pub(crate) fn scopes(
    name: &Ident,
    input: ParseStream<'_>,
    demand: fn(Vec<LitStr>) -> Demand,
) -> Result<Vec<Policy>> {
    const EXAMPLE: &str = "\"invoices:read\", \"invoices:write\"";
    let text = |scope| match scope {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(refuse(other, format!("expected string literal: write `{name}({EXAMPLE})`"))),
    };
    let scopes: Vec<LitStr> = list(name, input, EXAMPLE)?.into_iter().map(text).collect::<Result<_>>()?;
    scopes.iter().try_for_each(refuse_unspeakable)?;
    let names: Vec<_> = scopes.iter().map(|scope| format!("{:?}", scope.value())).collect();
    Ok(vec![Policy { words: format!("{name}({})", names.join(", ")), demand: demand(scopes) }])
}

/// `max_age = "5m"`, in seconds.
pub(crate) fn max_age(name: &Ident, input: ParseStream<'_>) -> Result<u64> {
    let written: LitStr = value(name, input, "\"5m\"")?;
    seconds(&written.value()).ok_or_else(|| {
        refuse(&written, format!("write `{name}` as a whole number of `s`, `m`, `h` or `d`, as in `\"5m\"`"))
    })
}

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

/// A scope is what RFC 6749 section 3.3 calls one: it is told to clients between quotes, and split at spaces.
fn refuse_unspeakable(scope: &LitStr) -> Result<()> {
    let text = scope.value();
    if text.is_empty() {
        return Err(refuse(scope, "nobody has an empty scope: name one, as in `\"invoices:read\"`"));
    }
    let speakable = text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    if speakable {
        return Ok(());
    }
    Err(refuse(
        scope,
        "a scope is one word, without spaces, quotes or backslashes: write several as `scopes(\"a\", \"b\")`",
    ))
}

fn list(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<Vec<Expr>> {
    let missing = || refuse(name, format!("write `{name}({example})`"));
    if !input.peek(token::Paren) {
        return Err(missing());
    }
    let list;
    parenthesized!(list in input);
    let elements = Punctuated::<Expr, Token![,]>::parse_terminated(&list).inspect_err(|_| {
        // What is left behind would be reported too.
        drop(list.parse::<TokenStream>());
    })?;
    if elements.is_empty() { Err(missing()) } else { Ok(elements.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn an_age_is_a_whole_number_of_one_unit() {
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("5m"), Some(300));
        assert_eq!(seconds("2h"), Some(7_200));
        assert_eq!(seconds("1d"), Some(86_400));
        for unreadable in
            ["", "5", "m", "0m", "+5m", "-5m", "5 m", "1.5h", "5min", "5é", "99999999999999999999s"]
        {
            assert_eq!(seconds(unreadable), None, "{unreadable}");
        }
        assert_eq!(seconds(&format!("{}d", u64::MAX)), None);
    }
}
