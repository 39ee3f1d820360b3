//! The path of a guarded function.

use std::fmt;

/// The path of a guarded function, in parts. It is formatted only for an event.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The module or the type that the function belongs to.
    pub parent: Parent,
    /// The name without a path.
    pub name: &'static str,
}

/// The module of a function, or the type of a method.
#[derive(Debug, Clone, Copy)]
pub enum Parent {
    /// The path of the module.
    Module(&'static str),
    /// A function that returns the name of the type, such as [`type_name`](std::any::type_name).
    Type(fn() -> &'static str),
    /// No module and no type: the check is a part of this library.
    Library,
}

/// The path of a guarded function, as in [`GuardRecord::path`](crate::guard::GuardRecord::path): its module or the type of the
/// method, and its name.
///
/// # Examples
///
/// ```
/// use gatevault::event::Event;
///
/// fn is_of_shop(event: &Event) -> bool {
///     event.function.is_some_and(|function| function == "shop::orders::refund")
/// }
/// ```
#[derive(Clone, Copy)]
pub struct FunctionPath(&'static Function);

impl FunctionPath {
    /// Creates the path from its parts.
    pub(super) fn new(function: &'static Function) -> Self {
        Self(function)
    }
}

impl fmt::Display for FunctionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for FunctionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl PartialEq for FunctionPath {
    fn eq(&self, other: &Self) -> bool {
        *self == *other.to_string()
    }
}

impl Eq for FunctionPath {}

impl PartialEq<str> for FunctionPath {
    fn eq(&self, other: &str) -> bool {
        let before = other.strip_suffix(self.0.name);
        let parent = match self.0.parent {
            Parent::Module(module) => module,
            Parent::Type(type_name) => type_name(),
            Parent::Library => return before == Some(""),
        };
        before.and_then(|before| before.strip_suffix("::")) == Some(parent)
    }
}

impl PartialEq<&str> for FunctionPath {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Function {
    /// Creates the name of a check in this library, such as an extractor.
    #[must_use]
    pub const fn library(name: &'static str) -> Self {
        Self { parent: Parent::Library, name }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            Parent::Module(module) => write!(f, "{module}::{}", self.name),
            Parent::Type(type_name) => write!(f, "{}::{}", type_name(), self.name),
            Parent::Library => f.write_str(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::type_name;

    use super::{Function, Parent};

    #[test]
    fn a_function_is_named_with_its_module_and_a_method_with_its_type() {
        let name = "list";
        assert_eq!(
            Function { parent: Parent::Module("shop::orders"), name }.to_string(),
            "shop::orders::list"
        );
        assert_eq!(Function { parent: Parent::Type(type_name::<u8>), name }.to_string(), "u8::list");
        assert_eq!(Function::library(name).to_string(), "list");
    }
}
