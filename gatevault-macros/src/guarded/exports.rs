//! Validation: `pub use`, which could export an unguarded function from the guarded module.
//!
//! The kind of a name is unknown here. A name in lower case is a function or a module by convention, and a glob may
//! contain functions; a name in upper case is a type, a trait, a variant or a constant.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::{ItemExternCrate, ItemUse, UseTree, Visibility};

use super::block::{Block, Item};

/// Returns the tokens of the first name that the item exports and that may be an unguarded function.
pub(crate) fn unguarded_export(item: &TokenStream, siblings: &GuardedNames) -> Option<TokenStream> {
    if let Ok(item) = syn::parse2::<ItemExternCrate>(item.clone()) {
        return (!matches!(item.vis, Visibility::Inherited)).then(|| item.ident.to_token_stream());
    }
    let Ok(item) = syn::parse2::<ItemUse>(item.clone()) else { return Some(item.clone()) };
    let absolute = item.leading_colon.is_some();
    match item.vis {
        Visibility::Inherited => None,
        _ => find(&item.tree, &mut Vec::new(), &|path| !absolute && siblings.contain(path)),
    }
}

/// Returns the tokens of the first leaf of the tree that may be a function.
fn find<'t>(
    tree: &'t UseTree,
    path: &mut Vec<&'t Ident>,
    is_guarded: &impl Fn(&[&Ident]) -> bool,
) -> Option<TokenStream> {
    match tree {
        UseTree::Path(parent) => {
            path.push(&parent.ident);
            let found = find(&parent.tree, path, is_guarded);
            path.pop();
            found
        }
        UseTree::Group(group) => group.items.iter().find_map(|tree| find(tree, path, is_guarded)),
        UseTree::Name(name) => may_be_function(&name.ident, path, is_guarded).then(|| name.to_token_stream()),
        UseTree::Rename(name) => {
            may_be_function(&name.ident, path, is_guarded).then(|| name.to_token_stream())
        }
        // The variants of an enum.
        UseTree::Glob(_) if path.last().is_some_and(|last| is_upper(last)) => None,
        UseTree::Glob(_) if is_guarded(path) => None,
        UseTree::Glob(glob) => Some(glob.to_token_stream()),
    }
}

/// Returns whether the name in the path may be an unguarded function, or a module that contains one.
fn may_be_function(name: &Ident, path: &[&Ident], is_guarded: &impl Fn(&[&Ident]) -> bool) -> bool {
    !is_upper(name) && !is_guarded(&[path, &[name]].concat())
}

/// Returns whether the name begins in upper case.
fn is_upper(name: &Ident) -> bool {
    name.to_string().trim_start_matches("r#").trim_start_matches('_').starts_with(char::is_uppercase)
}

/// The names of the functions and modules of a block, which are validated with it.
pub(crate) struct GuardedNames(Vec<Ident>);

impl GuardedNames {
    /// Creates the list of the names in the block.
    pub(crate) fn of(block: &Block) -> Self {
        Self(block.items.iter().filter_map(name_of).collect())
    }

    /// Returns whether the path leads to one of them.
    fn contain(&self, path: &[&Ident]) -> bool {
        let first = path.iter().find(|segment| **segment != "self");
        first.is_some_and(|first| self.0.contains(first))
    }
}

/// Returns the name of a function or a module.
fn name_of(item: &Item) -> Option<Ident> {
    match item {
        Item::Function(function) => Some(function.sig.ident.clone()),
        Item::Block(block) => block.module_name(),
        Item::Nested(nested) => nested.block()?.module_name(),
        _ => None,
    }
}
