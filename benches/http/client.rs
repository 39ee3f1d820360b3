//! The client: connections of one thread, each of which sends its next request once it has read the response.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::BenchResult;
use crate::server::Server;

pub(crate) struct Load<'s> {
    server: &'s Server,
    runtime: Runtime,
    connections: usize,
}

impl<'s> Load<'s> {
    pub(crate) fn new(server: &'s Server, connections: usize) -> BenchResult<Self> {
        Ok(Self { server, runtime: Builder::new_current_thread().enable_all().build()?, connections })
    }

    /// Sends requests for `length`, and returns the number of responses per second.
    pub(crate) fn rate_of(&self, path: &str, length: Duration) -> BenchResult<f64> {
        let Server { address, token, .. } = self.server;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
        self.runtime.block_on(async {
            let mut clients = JoinSet::new();
            for _ in 0..self.connections {
                let stream = TcpStream::connect(*address).await?;
                stream.set_nodelay(true)?;
                clients.spawn(send_requests(stream, request.clone(), length));
            }
            let mut rate = 0.0;
            while let Some(of_client) = clients.join_next().await {
                rate += of_client??;
            }
            Ok(rate)
        })
    }
}

/// Sends one request after the other, and returns the number of responses per second.
async fn send_requests(mut stream: TcpStream, request: String, length: Duration) -> BenchResult<f64> {
    let mut buffer = [0; 1024];
    let (start, mut responses) = (Instant::now(), 0_u32);
    while start.elapsed() < length {
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        // Every route responds with the same two characters.
        while !buffer.get(..read).is_some_and(|response| response.ends_with(b"\r\n\r\n42")) {
            let rest = buffer.get_mut(read..).filter(|rest| !rest.is_empty());
            let more = stream.read(rest.ok_or("a response is longer than expected")?).await?;
            if more == 0 {
                return Err("the server closed the connection".into());
            }
            read = read.saturating_add(more);
        }
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err("a response is not 200".into());
        }
        responses = responses.saturating_add(1);
    }
    Ok(f64::from(responses) / start.elapsed().as_secs_f64())
}
