//! Model: the names that only the body of a function can use.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{FnArg, GenericParam, Pat, Signature};

/// The names of a function's parameters and generics, and `self`.
pub(crate) struct Names {
    parameters: Vec<String>,
    generics: Vec<String>,
    lifetimes: Vec<String>,
}

impl Names {
    /// Returns the names of a signature.
    pub(crate) fn of(sig: &Signature) -> Self {
        let mut names = Self {
            parameters: vec!["self".to_owned()],
            generics: vec!["Self".to_owned()],
            lifetimes: vec!["_".to_owned()],
        };
        for input in &sig.inputs {
            if let FnArg::Typed(parameter) = input {
                bindings(parameter.pat.to_token_stream(), &mut names.parameters);
            }
        }
        for generic in &sig.generics.params {
            match generic {
                GenericParam::Type(generic) => names.generics.push(generic.ident.unraw().to_string()),
                GenericParam::Const(generic) => names.generics.push(generic.ident.unraw().to_string()),
                GenericParam::Lifetime(generic) => names.lifetimes.push(generic.lifetime.ident.to_string()),
            }
        }
        names
    }

    /// Returns the span of the first use of a name.
    pub(crate) fn find(&self, tokens: &TokenStream) -> Option<Span> {
        self.parameter(tokens).or_else(|| self.generic(tokens))
    }

    /// Returns the span of the first use of a parameter, format strings included.
    pub(crate) fn parameter(&self, tokens: &TokenStream) -> Option<Span> {
        let mut dots = 0_u8;
        tokens.clone().into_iter().find_map(|token| match (&token, counted(&mut dots, &token)) {
            // A field or a method, unlike the end of a range.
            (TokenTree::Ident(_), 1) | (TokenTree::Punct(_), _) => None,
            (TokenTree::Ident(word), _) => {
                self.parameters.contains(&word.unraw().to_string()).then(|| word.span())
            }
            (TokenTree::Group(group), _) => self.parameter(&group.stream()),
            (TokenTree::Literal(literal), _) => {
                let text = literal.to_string();
                self.parameters.iter().any(|name| is_formatted(&text, name)).then(|| literal.span())
            }
        })
    }

    /// Returns the span of the first use of a type parameter, a constant or a lifetime of the function, format strings
    /// included.
    pub(crate) fn generic(&self, tokens: &TokenStream) -> Option<Span> {
        let mut after_quote = false;
        tokens.clone().into_iter().find_map(|token| {
            let is_lifetime = std::mem::replace(
                &mut after_quote,
                matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\''),
            );
            match &token {
                TokenTree::Ident(word) => {
                    let names = if is_lifetime { &self.lifetimes } else { &self.generics };
                    names.contains(&word.unraw().to_string()).then(|| word.span())
                }
                TokenTree::Group(group) => self.generic(&group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    self.generics.iter().any(|name| is_formatted(&text, name)).then(|| literal.span())
                }
                TokenTree::Punct(_) => None,
            }
        })
    }
}

/// Returns whether a pattern binds the name. In doubt it does.
pub(crate) fn binds(pattern: &Pat, name: &Ident) -> bool {
    let mut names = Vec::new();
    bindings(pattern.to_token_stream(), &mut names);
    names.contains(&name.unraw().to_string())
}

/// Returns the number of dots directly before a token, and counts the token for the next one.
fn counted(dots: &mut u8, token: &TokenTree) -> u8 {
    let is_dot = matches!(token, TokenTree::Punct(mark) if mark.as_char() == '.');
    std::mem::replace(dots, if is_dot { dots.saturating_add(1) } else { 0 })
}

/// Adds the names that a pattern binds. In doubt it adds more: each word but those of a path or a constructor.
fn bindings(pattern: TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<_> = pattern.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => bindings(group.stream(), names),
            TokenTree::Ident(word)
                if !is_constructor(tokens.get(at.saturating_add(1)..).unwrap_or_default()) =>
            {
                names.push(word.unraw().to_string());
            }
            _ => {}
        }
    }
}

/// Returns whether a word before these tokens is a part of a path, or the name of a struct.
fn is_constructor(next: &[TokenTree]) -> bool {
    match next {
        [TokenTree::Group(_), ..] => true,
        [TokenTree::Punct(one), TokenTree::Punct(two), ..] => one.as_char() == ':' && two.as_char() == ':',
        _ => false,
    }
}

/// Returns whether a string contains the name after a brace, as a format string does in `"{id}"` and `"{0:id$}"`.
fn is_formatted(literal: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    literal.split('{').skip(1).any(|argument| {
        let argument = argument.split('}').next().unwrap_or_default();
        argument.split(|c| !is_word(c)).any(|word| word == name)
    })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Names;

    #[test]
    fn the_names_of_parameters_and_generics_are_found_wherever_they_are_used() {
        let sig = syn::parse2(quote! {
            fn list<'a, T, const N: usize>(
                id: u64, web::Path(org): web::Path<u64>, Form { name, age: years }: Form, [first, ..]: [u8; 2], r#type: u8
            )
        });
        let names = Names::of(&sig.unwrap());
        for used in [
            quote!(id == 1),
            quote!(payload.orgs.contains(&org)),
            quote!(a(b(|x| x + years))),
            quote!(name.is_empty()),
            quote!((0..id).contains(&payload.user_id)),
            quote!(check!(payload, first)),
            quote!(format!("{id}") == payload.name),
            quote!(format!("{0:>id$}", 1) == payload.name),
            quote!(r#type == 1),
            quote!(payload.is::<T>()),
            quote!(payload.level == N),
            quote!(format!("{N}") == payload.name),
            quote!(format!("{payload:?}{0:>N$}", 1) == payload.name),
            quote!(f::<'a>()),
            quote!(self.open),
            quote!(Self::OPEN),
        ] {
            assert!(names.find(&used).is_some(), "{used}");
        }
        for other in [
            quote!(payload.admin),
            quote!(payload.name == "id"),
            quote!(payload.id.first() == Some(1)),
            quote!(web::is_open()),
            quote!(matches!(payload.form, Form::Short)),
            quote!(format!("{}", payload.user_id) == "{ident}"),
            quote!(f::<'static>()),
        ] {
            assert!(names.find(&other).is_none(), "{other}");
        }
    }
}
