//! The proxy: what a test sees of it, and the relay that does its work.

mod fault_proxy;
mod relay;

pub use fault_proxy::FaultProxy;
