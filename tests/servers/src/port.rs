//! Ports for servers that restart on the same one.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Returns a port of 127.0.0.1 without a listener.
///
/// It is below the ports of outgoing connections (32768 and up). While its server is down, such a port could become the
/// local end of another connection, even of an attempt to reach that server, and the server could not restart.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test processes run in parallel, so each starts at a different port.
    let start = std::process::id().wrapping_mul(97);
    for _ in 0..SPAN {
        let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % SPAN;
        let port = u16::try_from(LOWEST + offset).expect("the span ends below 65536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {LOWEST} and {} is free", LOWEST + SPAN - 1);
}

const LOWEST: u32 = 20_000;
const SPAN: u32 = 12_768;
