//! Finds spans, names and source text in tokens.

use proc_macro2::{Delimiter, Group, Ident, LineColumn, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Quotes tokens with hygienic spans: their locals cannot collide with the user's names, and no lint fires on them.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
pub(crate) use hygienic;

/// Returns whether `name` occurs anywhere in `tokens`.
pub(crate) fn mentions(tokens: impl ToTokens, name: &Ident) -> bool {
    tokens.into_token_stream().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Returns whether the word occurs anywhere in `tokens`.
pub(crate) fn mentions_word(tokens: impl ToTokens, word: &str) -> bool {
    mentions(tokens, &Ident::new(word, Span::mixed_site()))
}

/// Returns the tokens with a use of `name` added after each `let name = name;`.
pub(crate) fn with_use_of_rebound(name: &Ident, tokens: TokenStream) -> TokenStream {
    let mut written: Vec<TokenTree> = Vec::new();
    for token in tokens {
        written.push(match token {
            TokenTree::Group(group) if mentions(group.stream(), name) => {
                with_content(&group, with_use_of_rebound(name, group.stream())).into()
            }
            other => other,
        });
        if rebinds(name, &written) {
            written.extend(hygienic!(let _ = &#name;));
        }
    }
    written.into_iter().collect()
}

/// Returns the tokens with another span.
pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// Returns the group with other content.
pub(crate) fn with_content(group: &Group, content: TokenStream) -> Group {
    let mut changed = Group::new(group.delimiter(), content);
    changed.set_span(group.span());
    changed
}

/// Returns whether the tokens end with `let name = name;`.
fn rebinds(name: &Ident, tokens: &[TokenTree]) -> bool {
    use TokenTree::{Ident, Punct};
    matches!(
        tokens.last_chunk(),
        Some([Ident(word), Ident(bound), Punct(_), Ident(value), Punct(end)])
            if word == "let" && bound == name && value == name && end.as_char() == ';'
    )
}

/// Returns a hygienic span located at the first token, for generated names whose errors belong there.
pub(crate) fn first_span(tokens: impl ToTokens) -> Span {
    first_and_last_span(tokens).0
}

/// Returns hygienic spans located at the first and the last token.
pub(crate) fn first_and_last_span(tokens: impl ToTokens) -> (Span, Span) {
    let hygienic = Span::mixed_site();
    let mut spans = tokens.into_token_stream().into_iter().map(|token| hygienic.located_at(token.span()));
    let first = spans.next().unwrap_or(hygienic);
    (first, spans.last().unwrap_or(first))
}

/// Formats the tokens with the user's spacing, on one line. `stringify!` would write `u64 :: from (id)`.
pub(crate) fn source_text(tokens: impl ToTokens) -> String {
    let mut writer = SourceWriter::default();
    writer.write(tokens.into_token_stream());
    writer.text
}

/// Rebuilds source text from tokens and their columns.
#[derive(Default)]
struct SourceWriter {
    text: String,
    end: Option<LineColumn>,
}

impl SourceWriter {
    /// Writes the tokens, groups included.
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

    /// Appends a word, after a space if there was any whitespace before it.
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

/// Returns the position `columns` to the right: the inner side of a delimiter, of which syn keeps only the outer side.
fn shifted(position: LineColumn, columns: isize) -> LineColumn {
    LineColumn { column: position.column.saturating_add_signed(columns), ..position }
}

/// Returns the opening and the closing delimiter.
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
    use super::source_text;

    #[test]
    fn source_text_keeps_the_spacing() {
        let written = "payload.org_id == Some(u64::from(id)) && !(payload.name.as_str() == \"a  b\")";
        let expr: syn::Expr = syn::parse_str(written).unwrap();
        assert_eq!(source_text(expr), written);
    }

    #[test]
    fn source_text_is_on_one_line() {
        let expr: syn::Expr = syn::parse_str("one\n    .two()").unwrap();
        assert_eq!(source_text(expr), "one .two()");
    }
}
