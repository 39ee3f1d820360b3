//! The name of a guarded function, which the log shows.

use std::fmt;

/// The name of a guarded function. It is formatted only when an event is logged.
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
