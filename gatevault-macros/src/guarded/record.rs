//! Tokens: `GUARDS`, the constant that lists the functions of a block and what guards them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{Expr, Item, LitInt};

use super::block::Block;
use super::defaults::{Defaults, GuardsName};
use super::marks::is_cfg_test;
use super::operation::operation;
use crate::cfg::cfg;
use crate::crate_path::CratePath;
use crate::diagnostics::Errors;
use crate::protected::{Args, Function, Requirement, string, written_payload_type};
use crate::tokens::{hygienic, source_text};

/// The records of the functions in a block and in those within it.
pub(crate) struct Records {
    krate: CratePath,
    /// The constant to write.
    constant: Option<Constant>,
    listed: bool,
    location: Location,
    list: Vec<TokenStream>,
}

/// The location of a function.
#[derive(Clone, Default)]
pub(crate) struct Location {
    /// The path below the module of the constant, as in `::Shop`.
    path: String,
    /// The `cfg`s of the blocks around.
    cfgs: Vec<TokenStream>,
    tests_only: bool,
}

/// A constant with records.
struct Constant {
    name: Ident,
    visibility: TokenStream,
    is_associated: bool,
    is_beside: bool,
}

impl Records {
    /// Creates an empty list for a block.
    pub(crate) fn new(block: &Block, defaults: &Defaults) -> Self {
        let krate = CratePath::new(defaults.krate.clone());
        let head = Head::of(block);
        let constant = head.constant(defaults);
        let listed = constant.is_some() || defaults.listed;
        // The constant of a module is inside the module.
        let path = if matches!(head, Head::Module(_)) { String::new() } else { head.segment() };
        let location = Location { path, ..Location::default() };
        Self { krate, constant, listed, location, list: Vec::new() }
    }

    /// Returns whether a constant lists the functions of this block.
    pub(crate) const fn are_listed(&self) -> bool {
        self.listed
    }

    /// Moves the location into a block and returns the previous one.
    pub(crate) fn enter(&mut self, block: &Block) -> Location {
        let outer = self.location.clone();
        self.location.path.push_str(&Head::of(block).segment());
        let attrs = || block.attrs.iter().chain(&block.inner_attrs);
        self.location.cfgs.extend(attrs().filter_map(cfg));
        self.location.tests_only |= attrs().any(is_cfg_test);
        outer
    }

    /// Sets the location to an earlier one.
    pub(crate) fn leave(&mut self, outer: Location) {
        self.location = outer;
    }

    /// Returns the path of the library.
    pub(crate) const fn krate(&self) -> &CratePath {
        &self.krate
    }

    /// Adds a function that takes a verified token with these claims.
    pub(crate) fn add_verified(&mut self, function: &Function, claims: &str) {
        self.add(function, &hygienic!(.claims(#claims)));
    }

    /// Adds a public function.
    pub(crate) fn add_public(&mut self, function: &Function, reason: &str) {
        self.add(function, &hygienic!(.public(#reason)));
    }

    /// Adds a protected function with the completed arguments.
    pub(crate) fn add_protected(&mut self, function: &Function, arguments: TokenStream) {
        // The attribute of the function reports them.
        let mut errors = Errors::default();
        let args = Args::parse(arguments, &mut errors);
        let demands = demands(&args);
        let claims = written_payload_type(&args, function).map(|ty| {
            let claims = source_text(ty);
            hygienic!(.claims(#claims))
        });
        self.add(function, &quote!(#claims #demands));
    }

    /// Adds a function with calls that complete its record.
    fn add(&mut self, function: &Function, calls: &TokenStream) {
        if function.body.is_none() || self.location.tests_only || function.attrs.iter().any(is_cfg_test) {
            return;
        }
        let (krate, Location { path, cfgs, .. }) = (&self.krate, &self.location);
        let name = function.sig.ident.unraw().to_string();
        let path = format!("{path}::{name}");
        let line = LitInt::new(&function.sig.ident.span().start().line.to_string(), Span::mixed_site());
        let own_cfgs = function.attrs.iter().filter_map(cfg);
        let operation = operation(function);
        self.list.push(hygienic! {
            #(#cfgs)* #(#own_cfgs)*
            #krate::guard::GuardRecord::new(
                #name, ::core::concat!(::core::module_path!(), #path), ::core::file!(), #line
            ) #calls #operation
        });
    }

    /// Writes the constant into the block or returns it as an item beside the block.
    pub(crate) fn write(self, block: &mut Block) -> Option<TokenStream> {
        let Constant { name, visibility, is_associated, is_beside } = self.constant?;
        let (krate, records) = (self.krate, self.list);
        let lifetime = is_associated.then(|| hygienic!('static));
        let item = hygienic! {
            #[doc = "The functions of this block and what guards them."]
            #[allow(dead_code, unreachable_pub)]
            #visibility const #name: &#lifetime [#krate::guard::GuardRecord] = &[#(#records),*];
        };
        if is_beside {
            return Some(item);
        }
        block.last = Some(item);
        None
    }
}

/// The kind and the name of a block.
enum Head {
    Module(String),
    Inherent(String),
    /// A trait, or the impl of one.
    Trait(String),
}

impl Head {
    /// Parses the tokens before the braces.
    fn of(block: &Block) -> Self {
        let head = &block.head;
        match syn::parse2::<Item>(quote!(#head {})) {
            Ok(Item::Mod(module)) => Self::Module(module.ident.to_string()),
            Ok(Item::Trait(item)) => Self::Trait(item.ident.to_string()),
            Ok(Item::Impl(item)) => {
                let ty = source_text(&item.self_ty);
                match &item.trait_ {
                    Some((path, ..)) => Self::Trait(format!("<{ty} as {}>", source_text(path))),
                    None => Self::Inherent(ty),
                }
            }
            _ => Self::Trait(source_text(head)),
        }
    }

    /// Returns the segment of this block in a path.
    fn segment(&self) -> String {
        let (Self::Module(name) | Self::Inherent(name) | Self::Trait(name)) = self;
        format!("::{name}")
    }

    /// Returns the constant to write for this block.
    fn constant(&self, defaults: &Defaults) -> Option<Constant> {
        // Two constants of one name are reported at the attribute.
        let default = Ident::new("GUARDS", Span::call_site());
        let (name, visibility) = match (&defaults.guards, self) {
            (Some(GuardsName::Named(name)), _) => (name.clone(), hygienic!(pub)),
            (Some(GuardsName::None), _) | (None, Self::Trait(_)) => return None,
            (None, _) if defaults.listed => return None,
            (None, Self::Inherent(_)) => (default, hygienic!(pub)),
            // Public ones would be ambiguous wherever `pub use a::*; pub use b::*;` exports two modules.
            (None, Self::Module(_)) => (default, hygienic!(pub(crate))),
        };
        let (is_associated, is_beside) = (matches!(self, Self::Inherent(_)), matches!(self, Self::Trait(_)));
        Some(Constant { name, visibility, is_associated, is_beside })
    }
}

/// Expands to the calls that add the gate and the demands to a record.
fn demands(args: &Args) -> TokenStream {
    let gate = args.gate.value().map(|gate| {
        let gate = source_text(gate);
        hygienic!(.gate(#gate))
    });
    let words = args.policies.iter().map(|policy| &policy.words);
    let requirements = || args.policies.iter().map(|policy| &policy.requirement);
    let roles = requirements().filter_map(|requirement| match requirement {
        Requirement::AnyRole(roles) => Some(one_of(roles.iter().map(role))),
        _ => None,
    });
    let scopes = requirements().flat_map(|requirement| match requirement {
        Requirement::Scopes(all) => all.iter().map(|scope| one_of([scope.value()])).collect(),
        Requirement::AnyScope(any) => vec![one_of(any.iter().map(syn::LitStr::value))],
        _ => Vec::new(),
    });
    let max_age = args.max_age.value().map(|seconds| hygienic!(.max_age(#seconds)));
    let acr = args.acr.value().map(|acr| hygienic!(.acr(&[#(#acr),*])));
    let amr = args.amr.value().map(|amr| hygienic!(.amr(&[#(#amr),*])));
    let refresh = args.refresh.name().map(|_| hygienic!(.refresh()));
    let optional = args.optional.name().map(|_| hygienic!(.optional()));
    hygienic! {
        #gate .demands(&[#(#words),*]).roles(&[#(#roles),*]).scopes(&[#(#scopes),*]) #max_age #acr #amr #refresh
        #optional
    }
}

/// Expands to a list of alternatives.
fn one_of(values: impl IntoIterator<Item = String>) -> TokenStream {
    let values = values.into_iter();
    hygienic!(&[#(#values),*])
}

/// Returns the value of a string literal, or the source of any other expression.
fn role(role: &Expr) -> String {
    string(role).map_or_else(|| source_text(role), |text| text.value())
}
