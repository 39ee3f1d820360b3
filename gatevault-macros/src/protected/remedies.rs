//! Remedies for arguments that `#[protected]` does not have: names of other libraries, and values without a name.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprArray, ExprLit, ExprParen, ExprTuple, Lit, LitStr, Result, Token};

use crate::argument::parse_further_values;
use crate::diagnostics::{error, unknown};
use crate::tokens::source_text;

/// Creates the error for an argument that does not exist. For a name of another library it proposes ours.
pub(super) fn unknown_argument(name: &Ident, input: ParseStream<'_>, known: &[&str]) -> Error {
    match replacement(&name.to_string(), &written_values(input)) {
        Some(remedy) => error(name, format!("unknown argument `{name}`: {remedy}")),
        None => unknown(name, "argument", known),
    }
}

/// Creates the error for a value without the name of an argument, as in `#[protected("admin")]`.
pub(crate) fn unnamed_value(value: &TokenStream) -> Error {
    let values = elements_of(value.clone());
    let remedy = match values.as_slice() {
        [Expr::Lit(ExprLit { lit: Lit::Str(text), .. })] => {
            format!("write `role = {0}`, or `scope = {0}`", source_text(text))
        }
        [Expr::Path(role)] => format!("write `role = {}`", source_text(role)),
        [Expr::Lit(_)] | [] => "write `name = value`".to_owned(),
        [condition] => format!("write `require = {}`", source_text(condition)),
        several => any_role(several),
    };
    error(value, format!("expected the name of an argument: {remedy}"))
}

/// Rejects a list and further values in an argument that takes one value. The remedy is the argument for `several`.
pub(super) fn reject_several(
    name: &Ident,
    first: &Expr,
    several: &str,
    input: ParseStream<'_>,
) -> Result<()> {
    let further = parse_further_values(input)?;
    let listed = matches!(first, Expr::Array(_) | Expr::Tuple(_));
    if further.is_empty() && !listed {
        return Ok(());
    }
    let written = quote!(#first #further);
    let values = elements(&elements_of(written.clone()));
    Err(error(written, format!("`{name}` takes one value: write `{several}({values})`")))
}

/// Creates the error for `role(..)`, with the values as written.
pub(super) fn in_parentheses(name: &Ident, input: ParseStream<'_>, several: &str) -> Error {
    let values = written_values(input);
    let written = elements(&values);
    match values.as_slice() {
        [] => error(name, format!("`{name}` needs a value: write `{name} = ..`")),
        [_] => error(name, format!("`{name}` takes its value after `=`: write `{name} = {written}`")),
        _ => error(name, format!("`{name}` takes one value: write `{several}({written})`")),
    }
}

/// Creates the error for a list without parentheses or without elements.
pub(super) fn not_a_list(name: &Ident, input: ParseStream<'_>, example: &str) -> Error {
    let written = elements(&written_values(input));
    let values = if written.is_empty() { example } else { &written };
    error(name, format!("`{name}` needs at least one value in parentheses: write `{name}({values})`"))
}

/// Rejects a condition in quotes.
pub(super) fn reject_quoted(name: &Ident, condition: &Expr) -> Result<()> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = condition else { return Ok(()) };
    let unquoted = text.parse::<Expr>().map_or_else(|_| EXAMPLE.to_owned(), |_| text.value());
    Err(error(text, format!("a condition is Rust code, not a string: write `{name} = {unquoted}`")))
}

/// Rejects a literal as the token, which would be the same for every call.
pub(super) fn reject_literal_token(token: &Expr) -> Result<()> {
    if !matches!(token, Expr::Lit(_)) {
        return Ok(());
    }
    let remedy = "write where the token of a call is, such as `token = context.token()`";
    Err(error(token, format!("a literal is the same token for every call: {remedy}")))
}

/// Parses the value that follows, and the values after it. The list is empty if there are none, or if they are malformed.
fn written_values(input: ParseStream<'_>) -> Vec<Expr> {
    let parse = |input: ParseStream<'_>| {
        input.parse::<Option<Token![=]>>()?;
        let first: Expr = input.parse()?;
        let further = parse_further_values(input)?;
        Ok::<_, Error>(quote!(#first #further))
    };
    let is_complete = parse(&input.fork()).is_ok();
    is_complete.then(|| parse(input).ok()).flatten().map(elements_of).unwrap_or_default()
}

/// Formats values as the elements of a list. The words in a string become one element each.
fn elements(values: &[Expr]) -> String {
    let words = |value: &Expr| match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => words(text),
        other => source_text(other),
    };
    values.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// Formats the words of a string as strings, with commas between them.
fn words(text: &LitStr) -> String {
    let value = text.value();
    let words: Vec<_> = value.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    if words.len() < 2 {
        return source_text(text);
    }
    words.into_iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
}

/// Returns the values in a list, or the single value. A list is `[a, b]`, `(a, b)` or `a, b`.
fn elements_of(values: TokenStream) -> Vec<Expr> {
    let several = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(values);
    let mut values: Vec<_> = several.map(|values| values.into_iter().collect()).unwrap_or_default();
    if let [_] = values.as_slice() {
        values = match values.remove(0) {
            Expr::Array(ExprArray { elems, .. }) | Expr::Tuple(ExprTuple { elems, .. }) => {
                elems.into_iter().collect()
            }
            Expr::Paren(ExprParen { expr, .. }) => vec![*expr],
            single => vec![single],
        };
    }
    values
}

/// Returns the argument to write instead of one that another library has.
fn replacement(name: &str, values: &[Expr]) -> Option<String> {
    let fixed = match name {
        "roles" | "any_roles" | "has_role" | "has_roles" | "has_any_role" | "groups" | "group" => {
            return Some(any_role(values));
        }
        "permission" | "permissions" | "has_permission" | "any_permission" | "authority" | "authorities"
        | "has_authority" | "has_any_authority" | "all_scopes" => return Some(scopes(values)),
        "fresh" | "fresh_token" | "recent" | "age" => {
            "for a recent login write `max_age = \"5m\"`, for refresh tokens `refresh`"
        }
        "claims" | "user" | "principal" | "identity" | "current_user" | "subject" => {
            "the claims are the parameter `payload: YourClaims`, or the one that `payload = name` names"
        }
        "secure" | "secured" | "expr" | "condition" | "conditions" | "check" | "policy" | "authorize"
        | "when" => {
            return Some(format!("write a condition as `require = {EXAMPLE}`"));
        }
        "anonymous" | "allow_anonymous" | "guest" | "required" => {
            "to accept calls without a token, write `optional`"
        }
        "issuer" | "iss" | "audience" | "aud" | "leeway" | "algorithm" | "algorithms" => {
            "this is a setting of the token manager: call the method of this name on `TokenManager::builder()`"
        }
        "tokens" | "manager" | "token_manager" | "vault" | "secret" | "key" => {
            "write the gate to ask as `gate = self.gate`"
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// Returns the remedy for roles.
fn any_role(values: &[Expr]) -> String {
    match values {
        [] => {
            "write `role = Role::Admin`, or `any_role(Role::Admin, Role::Clerk)` to allow several".to_owned()
        }
        [role] if elements(values) == source_text(role) => format!("write `role = {}`", source_text(role)),
        several => format!("write `any_role({})`", elements(several)),
    }
}

/// Returns the remedy for scopes.
fn scopes(values: &[Expr]) -> String {
    let example = "\"invoices:read\"".to_owned();
    match values {
        [] | [_] => {
            let scope = values.first().map_or(example, source_text);
            format!(
                "write `scope = {scope}`, or a condition such as `require = payload.permissions.contains(..)`"
            )
        }
        several => format!(
            "write `scopes({0})` for all of them, `any_scope({0})` for one of them",
            elements(several)
        ),
    }
}

const EXAMPLE: &str = "payload.org_id == Some(org_id)";
