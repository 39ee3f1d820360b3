//! Syntax: the attributes of this crate within a guarded block, known by the path that is written.
//!
//! A macro cannot resolve names. Any other path that ends like one of ours is an error, so that it is not trusted.

use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, MetaNameValue, Path, Token};

use crate::diagnostics::{Errors, error};
use crate::tokens::source_text;

/// The attribute paths that lead to this crate.
pub(crate) struct Marks<'d> {
    krate: Option<&'d Path>,
}

impl<'d> Marks<'d> {
    /// Creates the paths of a block whose `crate` argument is `krate`.
    pub(crate) const fn new(krate: Option<&'d Path>) -> Self {
        Self { krate }
    }

    /// Returns whether the attribute is `name`, with no path or the path of this crate.
    pub(crate) fn is(&self, attr: &Attribute, name: &str) -> bool {
        if attr.path().is_ident(name) {
            return true;
        }
        let mut path = attr.path().clone();
        let last = path.segments.pop();
        path.segments.pop_punct();
        let is_ours = |krate: &Path| spelled(krate) == spelled(&path);
        last.is_some_and(|last| last.ident == name)
            && (spelled(&path) == "gatevault" || self.krate.is_some_and(is_ours))
    }

    /// Rejects each attribute that has the name of one of ours and another path.
    ///
    /// Returns whether there are any.
    pub(crate) fn reject_foreign(&self, attrs: &[Attribute], errors: &mut Errors) -> bool {
        let foreign = attrs.iter().filter_map(|attr| self.foreign(attr));
        foreign.map(|error| errors.add(error)).count() > 0
    }

    /// Rejects and removes each attribute of ours in a `cfg_attr`, whose arguments would not be completed.
    ///
    /// Returns whether there are any.
    pub(crate) fn reject_hidden(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> bool {
        let hidden = attrs.extract_if(.., |attr| attr.path().is_ident("cfg_attr") && hides_ours(&attr.meta));
        hidden.map(|attr| errors.add(error(&attr.meta, HIDDEN))).count() > 0
    }

    /// Returns the error for an attribute that has the name of one of ours and another path.
    fn foreign(&self, attr: &Attribute) -> Option<Error> {
        let name =
            NAMES.into_iter().find(|name| ends_with(attr, name)).filter(|name| !self.is(attr, name))?;
        let path = attr.path();
        let mut parent = path.clone();
        parent.segments.pop();
        parent.segments.pop_punct();
        let (path_text, parent) = (source_text(path), source_text(&parent));
        Some(error(
            path,
            format!(
                "`{path_text}` may be another crate's attribute: write `#[{name}]`, or `#[guarded(crate = {parent})]` \
                 if `{parent}` is `gatevault`"
            ),
        ))
    }

    /// Removes and returns the `#[public(..)]` attributes, which only `#[guarded]` understands.
    pub(crate) fn take_public(&self, attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
        attrs.extract_if(.., |attr| self.is(attr, "public")).collect()
    }
}

/// Returns whether the last segment of the attribute's path is `name`.
pub(crate) fn ends_with(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// Returns whether the attribute is one of ours by its name, or contains one.
fn hides_ours(meta: &Meta) -> bool {
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            metas.is_ok_and(|metas| metas.iter().skip(1).any(hides_ours))
        }
        other => other.path().segments.last().is_some_and(|last| NAMES.iter().any(|name| last.ident == name)),
    }
}

/// Returns the reason of a `#[public(reason = "..")]`, or the error for one without.
pub(crate) fn reason(public: &Attribute) -> syn::Result<String> {
    let reason = match &public.meta {
        Meta::List(list) => list.parse_args::<MetaNameValue>().ok(),
        _ => None,
    };
    let text = reason.filter(|reason| reason.path.is_ident("reason")).and_then(|reason| match reason.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
        error(
            &public.meta,
            "`#[public]` needs a reason: write `#[public(reason = \"the login page calls it\")]`",
        )
    })
}

/// Returns whether the attribute is `#[cfg(test)]`.
pub(crate) fn is_cfg_test(attr: &Attribute) -> bool {
    attr.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]"
}

/// Returns the path's words without a leading `::`.
fn spelled(path: &Path) -> String {
    let words = path.to_token_stream().to_string().replace(' ', "");
    words.trim_start_matches("::").to_owned()
}

const NAMES: [&str; 3] = ["protected", "guarded", "public"];
const HIDDEN: &str = "`#[guarded]` does not see an attribute in `cfg_attr`: write two versions of the item, each with its own `cfg`";
