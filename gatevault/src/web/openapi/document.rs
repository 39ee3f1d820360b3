//! The operations of a document: finding them and writing them back.

use std::fmt::{self, Display, Formatter};

use super::object::Object;

/// An API document.
pub(super) struct Document {
    root: Object,
}

/// The place of an operation in a document, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The method, in lower case.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) id: Option<String>,
}

impl Place {
    /// Returns whether a setting names this operation: by its id, or as `GET /path`.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let is_here =
            |(method, path): (&str, &str)| method.eq_ignore_ascii_case(&self.method) && path == self.path;
        self.id.as_deref() == Some(name) || name.split_once(' ').is_some_and(is_here)
    }
}

/// Shows the operation as `GET /path (id)`.
impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.to_uppercase(), self.path)?;
        self.id.as_ref().map_or(Ok(()), |id| write!(f, " ({id})"))
    }
}

impl Document {
    /// Parses a document. Only its outermost object is validated.
    pub(super) fn parse(json: &str) -> Result<Self, serde_json::Error> {
        Object::parse(json).map(|root| Self { root })
    }

    /// Returns the path items that are in another place, by `$ref`.
    pub(super) fn references(&self) -> Result<Vec<String>, serde_json::Error> {
        let paths = self.root.read::<Object>("paths")?.unwrap_or_default();
        let mut references = Vec::new();
        for path in paths.names().filter(|name| !is_extension(name)) {
            if paths.read::<Object>(path)?.is_some_and(|item| item.get("$ref").is_some()) {
                references.push(path.to_owned());
            }
        }
        Ok(references)
    }

    /// Calls a function with each operation, which may change it.
    pub(super) fn edit_operations(
        &mut self,
        mut edit: impl FnMut(&Place, &mut Object) -> Result<(), serde_json::Error>,
    ) -> Result<(), serde_json::Error> {
        edit_objects(&mut self.root, "paths", |path, item| {
            let mut edit = |method: &str, operation: &mut Object| {
                let method = method.to_lowercase();
                let id = operation.read("operationId")?;
                edit(&Place { method, path: path.to_owned(), id }, operation)
            };
            for method in METHODS {
                edit_object(item, method, |operation| edit(method, operation))?;
            }
            edit_objects(item, "additionalOperations", edit)
        })
    }

    /// Returns the components of a kind, such as `securitySchemes`.
    pub(super) fn components(&self, kind: &str) -> Result<Object, serde_json::Error> {
        let components = self.root.read::<Object>("components")?.unwrap_or_default();
        Ok(components.read(kind)?.unwrap_or_default())
    }

    /// Replaces the components of a kind.
    pub(super) fn set_components(&mut self, kind: &str, content: &Object) -> Result<(), serde_json::Error> {
        let mut components = self.root.read::<Object>("components")?.unwrap_or_default();
        components.set(kind, content)?;
        self.root.set("components", &components)
    }

    /// Returns the document as JSON.
    pub(super) fn into_json(self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.root)
    }
}

/// Returns whether a member is an extension, of any type.
fn is_extension(name: &str) -> bool {
    name.starts_with("x-")
}

/// Calls a function with each object in a member, and writes them back.
fn edit_objects(
    object: &mut Object,
    member: &str,
    mut edit: impl FnMut(&str, &mut Object) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    edit_object(object, member, |within| {
        let names: Vec<_> = within.names().filter(|name| !is_extension(name)).map(str::to_owned).collect();
        names.iter().try_for_each(|name| edit_object(within, name, |object| edit(name, object)))
    })
}

/// Calls a function with the object in a member, if there is one, and writes it back.
fn edit_object(
    object: &mut Object,
    member: &str,
    edit: impl FnOnce(&mut Object) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    let Some(mut within) = object.read::<Object>(member)? else { return Ok(()) };
    edit(&mut within)?;
    object.set(member, &within)
}

/// The members of a path item that are operations: those of `OpenAPI` 3.2.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
