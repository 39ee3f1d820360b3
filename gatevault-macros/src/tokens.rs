//! Places and names within tokens.

use proc_macro2::{Delimiter, Group, Ident, LineColumn, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// `quote!` whose locals never meet a name of the user's, and are never linted.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
pub(crate) use hygienic;

/// Whether `name` occurs anywhere in `tokens`.
pub(crate) fn mentions(tokens: impl ToTokens, name: &Ident) -> bool {
    tokens.into_token_stream().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// The tokens with a use of `name` behind each `let name = name;`.
pub(crate) fn with_use_of_rebound(name: &Ident, tokens: TokenStream) -> TokenStream {
    let mut written: Vec<TokenTree> = Vec::new();
    for token in tokens {
        written.push(match token {
            TokenTree::Group(group) if mentions(group.stream(), name) => {
                let mut inner = Group::new(group.delimiter(), with_use_of_rebound(name, group.stream()));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        });
        if rebinds(name, &written) {
            written.extend(hygienic!(let _ = &#name;));
        }
    }
    written.into_iter().collect()
}

/// Whether the tokens end with `let name = name;`.
fn rebinds(name: &Ident, tokens: &[TokenTree]) -> bool {
    use TokenTree::{Ident, Punct};
    matches!(
        tokens.last_chunk(),
        Some([Ident(word), Ident(bound), Punct(_), Ident(value), Punct(end)])
            if word == "let" && bound == name && value == name && end.as_char() == ';'
    )
}

/// Where `tokens` begin and end, as spans for names of ours that are to be reported there.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let hygienic = Span::mixed_site();
    let mut spans = tokens.into_token_stream().into_iter().map(|token| hygienic.located_at(token.span()));
    let first = spans.next().unwrap_or(hygienic);
    (first, spans.last().unwrap_or(first))
}

/// The tokens as the user spaced them, on one line; `stringify!` would write `u64 :: from (id)`.
pub(crate) fn source(tokens: impl ToTokens) -> String {
    let mut source = Source::default();
    source.write(tokens.into_token_stream());
    source.text
}

#[derive(Default)]
struct Source {
    text: String,
    end: Option<LineColumn>,
}

impl Source {
    fn write(&mut self, tokens: TokenStream) {
        for token in tokens {
            let (start, end) = (token.span().start(), token.span().end());
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = delimiters(group.delimiter());
                    self.push(open, start, shifted(start, 1));
                    self.write(group.stream());
                    self.push(close, shifted(end, -1), end);
                }
                leaf => self.push(&leaf.to_string(), start, end),
            }
        }
    }

    fn push(&mut self, word: &str, start: LineColumn, end: LineColumn) {
        if word.is_empty() {
            return;
        }
        if self.end.is_some_and(|end| end != start) {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.end = Some(end);
    }
}

/// The inner side of a delimiter; syn remembers only the span of the whole group.
fn shifted(place: LineColumn, columns: isize) -> LineColumn {
    LineColumn { column: place.column.saturating_add_signed(columns), ..place }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn source_is_spaced_as_it_was_written() {
        let written = "payload.org_id == Some(u64::from(id)) && !(payload.name.as_str() == \"a  b\")";
        let expr: syn::Expr = syn::parse_str(written).unwrap();
        assert_eq!(source(expr), written);
    }

    #[test]
    fn source_is_on_one_line() {
        let expr: syn::Expr = syn::parse_str("one\n    .two()").unwrap();
        assert_eq!(source(expr), "one .two()");
    }
}
