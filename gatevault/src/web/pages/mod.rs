//! Pages of a server, whose access token is in a cookie: the settings, the guard's answers to visitors without a token, and
//! the paths to which browsers are redirected.

mod admission;
mod local_path;
mod navigation;
#[cfg(any(feature = "actix", feature = "axum", feature = "poem", feature = "rocket", feature = "salvo"))]
mod page_gate;
mod page_token;
mod settings;

pub use admission::Admitted;
#[cfg(any(feature = "actix", feature = "poem"))]
pub(super) use admission::Refusal;
pub(super) use local_path::LocalPath;
pub(super) use navigation::{is_visit, redirect};
pub use page_token::PageToken;
pub use settings::Pages;
