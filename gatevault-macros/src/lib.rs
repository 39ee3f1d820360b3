//! The attribute and derive macros of gatevault.
