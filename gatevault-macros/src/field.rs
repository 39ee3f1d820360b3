//! The fields of a struct that a macro derives for: their attributes, and the field that has a mark.

use proc_macro2::Ident;
use syn::{Attribute, Data, DataStruct, Fields, Type};

use crate::diagnostics::{Errors, error};
use crate::set_once::SetOnce;

/// The name and type of a field.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// A field with its parsed attributes.
pub(crate) struct Field<A> {
    pub(crate) member: Member,
    pub(crate) attrs: A,
}

/// Returns the fields of a struct with named fields, and `None` for every other type.
pub(crate) fn named_fields<A>(
    data: Data,
    parse: fn(&[Attribute], &mut Errors) -> A,
    errors: &mut Errors,
) -> Option<Vec<Field<A>>> {
    let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = data else { return None };
    let fields = fields.named.into_iter().filter_map(|field| {
        let member = Member { ident: field.ident?, ty: field.ty };
        Some(Field { member, attrs: parse(&field.attrs, errors) })
    });
    Some(fields.collect())
}

/// Returns the field with the mark, and rejects a second mark.
pub(crate) fn marked<A>(
    fields: &[Field<A>],
    mark: fn(&A) -> &SetOnce<()>,
    conflict: &str,
    errors: &mut Errors,
) -> Option<Member> {
    let mut marked = fields.iter().filter_map(|field| Some((&field.member, mark(&field.attrs).name()?)));
    let (first, _) = marked.next()?;
    for (_, mark) in marked {
        errors.add(error(mark, format!("`{}` {conflict}: mark only one field", first.ident)));
    }
    Some(first.clone())
}
