//! The reasons for which a document stays unchanged.

use std::fmt::{self, Display, Formatter};

/// The reason for which [`ApiSecurity`](super::ApiSecurity) left a document unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiSecurityError {
    /// The document is not an `OpenAPI` document in JSON.
    #[error("expected an OpenAPI document in JSON")]
    Json(#[from] serde_json::Error),
    /// The type of the document does not keep everything that was written into it.
    #[error("the type of the document does not keep all of its content: use `secure_json` on its JSON")]
    NotKept,
    /// The operations and the guards do not fit together. All problems are listed.
    #[error("the API document does not fit the guards:\n- {}", lines(.0))]
    Problems(Vec<ApiSecurityProblem>),
}

/// An operation and a guard that do not fit together. `Display` says what to change.
///
/// An operation is shown as `GET /notes (list)`, with its `operationId`, and a guard by the path of its function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiSecurityProblem {
    /// No guard in the lists belongs to an operation.
    Unlisted {
        /// The operation.
        operation: String,
        /// Guards with the id of the operation whose path or method is another.
        similar: Vec<String>,
    },
    /// An operation fits several guards.
    Ambiguous {
        /// The operation.
        operation: String,
        /// The guards.
        guards: Vec<String>,
    },
    /// A guard fits operations on several paths.
    Repeated {
        /// The guard.
        guard: String,
        /// The operations.
        operations: Vec<String>,
    },
    /// A guarded function has an attribute that describes an operation, and the document has no such operation.
    Undocumented {
        /// The guard.
        guard: String,
    },
    /// An operation has a `security` of its own that differs from its guard.
    Contradicts {
        /// The operation.
        operation: String,
        /// The guard.
        guard: String,
        /// The `security` that follows from the guard, as JSON.
        expected: String,
    },
    /// A setting names an operation that the document does not have.
    UnknownOperation {
        /// The operation, as given.
        operation: String,
    },
    /// A setting names a guard that is not in the lists, or several.
    UnknownGuard {
        /// The guard, as given.
        guard: String,
    },
    /// The operations of a path are elsewhere, by `$ref`.
    Reference {
        /// The path.
        path: String,
    },
    /// The document has another security scheme of that name.
    SchemeExists {
        /// The name.
        scheme: String,
    },
    /// The scopes of a guard can be combined in too many ways.
    TooManyAlternatives {
        /// The guard.
        guard: String,
    },
}

impl Display for ApiSecurityProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted { operation, similar } => {
                write!(
                    f,
                    "operation {operation}: no guard of the lists belongs to it; write its function in a `#[guarded]` block, with \
                     the attribute of the operation on it, and pass `GUARDS` of the block, or name the operation in `guarded_by` \
                     or `outside`"
                )?;
                similar
                    .iter()
                    .try_for_each(|guard| write!(f, "; {guard} has the same id, and another path or method"))
            }
            Self::Ambiguous { operation, guards } => write!(
                f,
                "operation {operation}: fits {}; give each an `operation_id` of its own, or name the operation in `guarded_by`",
                guards.join(" and ")
            ),
            Self::Repeated { guard, operations } => write!(
                f,
                "guard {guard}: fits the operations {}; name each of them in `guarded_by` or `outside`",
                operations.join(" and ")
            ),
            Self::Undocumented { guard } => write!(
                f,
                "guard {guard}: the document does not have the operation of its function; add it, or name the guard in \
                 `undocumented`"
            ),
            Self::Contradicts { operation, guard, expected } => write!(
                f,
                "operation {operation}: its `security` differs from {expected}, which follows from {guard}; remove it"
            ),
            Self::UnknownOperation { operation } => {
                write!(
                    f,
                    "setting {operation:?}: the document has no operation with this id, and none as `GET /path`"
                )
            }
            Self::UnknownGuard { guard } => write!(
                f,
                "setting {guard:?}: expected the last part of the path of one listed guard, such as \"notes::list\""
            ),
            Self::Reference { path } => {
                write!(f, "path {path}: its operations are elsewhere, by `$ref`; write them in `paths`")
            }
            Self::SchemeExists { scheme } => write!(
                f,
                "security scheme {scheme}: the document has another one of this name; rename it, or choose the name of the bearer \
                 scheme with `bearer_scheme`"
            ),
            Self::TooManyAlternatives { guard } => write!(
                f,
                "guard {guard}: its scopes can be combined in more than {} ways; use fewer `any_scope`",
                super::requirements::MOST_ALTERNATIVES
            ),
        }
    }
}

/// Formats each problem on a line of its own.
fn lines(problems: &[ApiSecurityProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n- ")
}
