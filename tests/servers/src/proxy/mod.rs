//! The proxy: its interface for tests, and the relay that does the work.

mod fault_proxy;
mod relay;

pub use fault_proxy::FaultProxy;
