//! Holds the guide's page `expansion` against what the macro writes.

use syn::{File, Item, Meta};

use super::protect;

const PAGE: &str = include_str!("../../../gatevault/src/guide/expansion.md");

#[test]
fn the_documented_expansions_are_those_of_the_macro() {
    let blocks: Vec<_> = PAGE.split("```rust\n").skip(1).map(visible).collect();
    assert_eq!(blocks.len(), 4, "two functions, each as it is written and as it is expanded");
    for block in blocks.chunks(2) {
        assert_eq!(bare(&expanded(&block[0])), bare(&block[1]), "expanded: {}", expanded(&block[0]));
    }
}

/// The block without the lines that documentation hides.
fn visible(block: &str) -> String {
    let (code, _) = block.split_once("```").unwrap();
    code.split_inclusive('\n').filter(|line| !line.starts_with("# ")).collect()
}

fn expanded(written: &str) -> String {
    let file: File = syn::parse_str(written).unwrap();
    let Some(Item::Fn(mut function)) = file.items.into_iter().next_back() else {
        panic!("not a function: {written}")
    };
    let arguments = match function.attrs.remove(0).meta {
        Meta::List(list) => list.tokens,
        _ => quote::quote!(),
    };
    protect(arguments, &quote::quote!(#function)).to_string()
}

fn bare(code: &str) -> String {
    code.split_whitespace().collect()
}
