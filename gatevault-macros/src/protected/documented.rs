//! A test that the guide's page `expansion` shows the current expansion.

use syn::{File, Item, Meta};

use super::protect;

const PAGE: &str = include_str!("../../../gatevault/src/guide/expansion.md");

#[test]
fn the_documented_expansions_match_the_macro() {
    let blocks: Vec<_> = PAGE.split("```rust\n").skip(1).map(visible).collect();
    assert_eq!(blocks.len(), 6, "three functions, each as written and as expanded");
    for block in blocks.chunks(2) {
        assert_eq!(bare(&expanded(&block[0])), bare(&block[1]), "expanded: {}", expanded(&block[0]));
    }
}

/// Returns the code block without the lines that rustdoc hides.
fn visible(block: &str) -> String {
    let (code, _) = block.split_once("```").unwrap();
    code.split_inclusive('\n').filter(|line| !line.starts_with("# ")).collect()
}

/// Expands the last function of the block.
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

/// Removes all whitespace.
fn bare(code: &str) -> String {
    code.split_whitespace().collect()
}
