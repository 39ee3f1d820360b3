//! Tokens: the operation of an API document that a function implements, as `#[utoipa::path(..)]` or `#[oai(..)]` on it says.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{LitStr, Meta, Token};

use crate::protected::Function;
use crate::tokens::hygienic;

/// An operation, as far as its attribute says it in literals.
#[derive(Default)]
struct Operation {
    id: Option<String>,
    path: Option<String>,
    methods: Vec<String>,
}

/// Expands to the call that adds the operation to a record. Expands to nothing without an attribute that describes one.
pub(super) fn operation(function: &Function) -> Option<TokenStream> {
    let name = function.sig.ident.to_string();
    let Operation { id, path, methods } =
        function.attrs.iter().find_map(|attr| Operation::of(&attr.meta, &name))?;
    let (id, path) = (option(id), option(path));
    Some(hygienic!(.operation(#id, #path, &[#(#methods),*])))
}

impl Operation {
    /// Parses an attribute of the function `name`. `cfg_attr` may hold one: no document has the operation where it is off.
    fn of(meta: &Meta, name: &str) -> Option<Self> {
        let Meta::List(list) = meta else { return None };
        let attribute = list.path.segments.last()?.ident.to_string();
        match attribute.as_str() {
            "cfg_attr" => {
                let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
                metas.iter().skip(1).find_map(|meta| Self::of(meta, name))
            }
            // The id is the name, with its `r#`, unless the attribute has another.
            "path" => Some(Self { id: Some(name.to_owned()), ..Self::default() }.with(&list.tokens)),
            // Without an `operation_id` there is none.
            "oai" => Some(Self::default().with(&list.tokens)),
            _ => None,
        }
    }

    /// Reads the arguments that identify the operation. The others have a grammar of their own.
    fn with(mut self, arguments: &TokenStream) -> Self {
        let tokens: Vec<_> = arguments.clone().into_iter().collect();
        for argument in
            tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','))
        {
            match argument {
                [TokenTree::Ident(word)] => {
                    if let Some(method) = known(word) {
                        self.methods = vec![method];
                    }
                }
                [TokenTree::Ident(name), TokenTree::Group(group)] if name == "method" => {
                    self.methods = methods(group);
                }
                [TokenTree::Ident(name), TokenTree::Punct(_), value @ ..] => {
                    match name.to_string().as_str() {
                        "operation_id" => self.id = string(value),
                        "path" => self.path = string(value),
                        "method" => self.methods = string(value).into_iter().collect(),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        self
    }
}

/// Returns the methods in `method(get, head)`.
fn methods(group: &Group) -> Vec<String> {
    let idents = group.stream().into_iter().filter_map(|token| match token {
        TokenTree::Ident(method) => known(&method),
        _ => None,
    });
    idents.collect()
}

/// Returns the word if it is a method that a document has operations of.
fn known(method: &Ident) -> Option<String> {
    const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    METHODS.iter().find(|known| method == *known).map(|known| (*known).to_owned())
}

/// Returns the value of a single string literal. The value of any other expression is not known here.
fn string(value: &[TokenTree]) -> Option<String> {
    let [literal] = value else { return None };
    syn::parse2::<LitStr>(literal.to_token_stream()).ok().map(|literal| literal.value())
}

fn option(string: Option<String>) -> TokenStream {
    let some = string.map(|string| hygienic!(::core::option::Option::Some(#string)));
    some.unwrap_or_else(|| hygienic!(::core::option::Option::None))
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::{Meta, parse2};

    use super::Operation;

    /// The id, the path and the methods. An unknown one is empty.
    fn read(attribute: proc_macro2::TokenStream) -> Option<[String; 3]> {
        let meta: Meta = parse2(attribute).expect("the content of an attribute");
        let found = Operation::of(&meta, "list")?;
        Some([found.id.unwrap_or_default(), found.path.unwrap_or_default(), found.methods.join(" ")])
    }

    fn assert_operation(attribute: proc_macro2::TokenStream, expected: [&str; 3]) {
        assert_eq!(read(attribute), Some(expected.map(str::to_owned)));
    }

    #[test]
    fn an_operation_of_utoipa_is_read_under_each_name_of_its_attribute() {
        let expected = ["list", "/notes/{id}", "get"];
        assert_operation(
            quote!(utoipa::path(get, path = "/notes/{id}", responses((status = 200)))),
            expected,
        );
        assert_operation(quote!(path(path = "/notes/{id}", get)), expected);
        assert_operation(quote!(cfg_attr(docs, ::utoipa::path(get, path = "/notes/{id}"))), expected);
    }

    #[test]
    fn an_id_and_several_methods_are_read() {
        let attribute = quote!(utoipa::path(method(get, head), path = "/", operation_id = "listNotes",));
        assert_operation(attribute, ["listNotes", "/", "get head"]);
    }

    #[test]
    fn what_is_not_a_literal_is_unknown_and_not_guessed() {
        let attribute = quote!(utoipa::path(get, path = paths::LIST, operation_id = concat!("a", "b")));
        assert_operation(attribute, ["", "", "get"]);
    }

    #[test]
    fn arguments_with_commas_of_their_own_are_not_taken_for_others() {
        let attribute = quote!(utoipa::path(
            post,
            request_body = HashMap<String, Other, Vec<get>>,
            params(("path" = u64, Path, description = "path = \"/x\"")),
            path = "/notes"
        ));
        assert_operation(attribute, ["list", "/notes", "post"]);
    }

    #[test]
    fn an_operation_of_oai_has_an_id_only_if_it_is_written() {
        assert_operation(quote!(oai(path = "/notes", method = "get")), ["", "/notes", "get"]);
        let attribute = quote!(oai(path = "/notes", method = "post", operation_id = "add"));
        assert_operation(attribute, ["add", "/notes", "post"]);
    }

    #[test]
    fn other_attributes_describe_no_operation() {
        for attribute in
            [quote!(path = "notes.rs"), quote!(get("/notes")), quote!(protected(handler)), quote!(inline)]
        {
            assert_eq!(read(attribute), None);
        }
    }
}
