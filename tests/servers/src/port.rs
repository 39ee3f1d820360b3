//! Ports for servers that come back on the same one.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// A port of 127.0.0.1 that nobody listens on.
///
/// Not one of those that outgoing connections are given (32768 and up): while its server is down, such a port can become
/// the near end of somebody's connection, even of the attempt to reach that server, and then the server cannot come back.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test processes run side by side, so each begins somewhere else.
    let begin = std::process::id().wrapping_mul(97);
    for _ in 0..SPAN {
        let offset = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % SPAN;
        let port = u16::try_from(LOWEST + offset).expect("the span ends below 65536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {LOWEST} and {} is free", LOWEST + SPAN - 1);
}

const LOWEST: u32 = 20_000;
const SPAN: u32 = 12_768;
