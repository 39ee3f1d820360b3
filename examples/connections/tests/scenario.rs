//! Sockets and events end with the session of their user: after a logout here, and after one in another service.

#[expect(dead_code, reason = "the clients of other examples do more")]
#[path = "../../test_client.rs"]
mod test_client;

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use connections::App;
use gatevault::PasswordHasher;
use test_client::{Outcome, PASSWORD, SECRET, TestClient};
use tokio::runtime::Runtime;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

#[derive(Debug, Clone, Copy)]
enum Framework {
    Axum,
    Actix,
}

/// Serves the sessions of a database until the process ends.
fn start(framework: Framework, database: &Path) -> Outcome<SocketAddr> {
    let hasher = PasswordHasher::builder().cost(4).build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let runtime = Runtime::new()?;
    let app = runtime.block_on(App::open(database, SECRET, hasher))?;
    std::thread::spawn(move || match framework {
        Framework::Axum => runtime.block_on(connections::axum::serve(listener, app)),
        Framework::Actix => {
            let _runtime = runtime.enter();
            actix_web::rt::System::new().block_on(connections::actix::serve(listener, app))
        }
    });
    Ok(address)
}

fn logged_in(server: SocketAddr) -> Outcome<TestClient> {
    let mut client = TestClient::of(server);
    assert_eq!(client.log_in("ada", PASSWORD)?.0, 200);
    Ok(client)
}

/// Returns a ticket for the session of a client.
fn ticket(client: &mut TestClient) -> Outcome<String> {
    let (status, _, ticket) = client.call("POST", "/ticket")?;
    assert_eq!(status, 200, "{ticket}");
    Ok(ticket)
}

/// A client's side of a socket.
struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// Opens a socket, or returns the status of the answer.
    fn open(server: SocketAddr, path: &str, access: &str) -> Outcome<Result<Self, u16>> {
        let mut request = format!("ws://{server}{path}").into_client_request()?;
        if !access.is_empty() {
            request.headers_mut().insert("Authorization", format!("Bearer {access}").parse()?);
        }
        let stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Ok(Self(socket))),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Ok(Err(response.status().as_u16()))
            }
            Err(error) => Err(error.to_string().into()),
        }
    }

    /// Checks that the socket is open: it sends prices and repeats a message.
    fn assert_open(&mut self, message: &str) -> Outcome {
        self.0.send(Message::text(message))?;
        while self.0.read()?.to_text()? != message {}
        while !self.0.read()?.to_text()?.starts_with("price") {}
        Ok(())
    }

    /// Waits until the server closes the socket, and returns why.
    fn wait_for_close(&mut self) -> Outcome<(CloseCode, String)> {
        loop {
            if let Message::Close(frame) = self.0.read()? {
                let frame = frame.ok_or("a close without a reason")?;
                return Ok((frame.code, frame.reason.to_string()));
            }
        }
    }
}

/// A client's side of a stream of events.
struct Events(BufReader<ureq::BodyReader<'static>>);

impl Events {
    /// Opens a stream, or returns the status of the answer.
    fn open(server: SocketAddr, path: &str, access: &str) -> Outcome<Result<Self, u16>> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.get(format!("http://{server}{path}"));
        let reply = request.header("Authorization", format!("Bearer {access}")).call()?;
        if reply.status() != 200 {
            return Ok(Err(reply.status().as_u16()));
        }
        assert_eq!(
            reply.headers().get("content-type").map(ureq::http::HeaderValue::as_bytes),
            Some(&b"text/event-stream"[..])
        );
        Ok(Ok(Self(BufReader::new(reply.into_body().into_reader()))))
    }

    /// Returns the next event: its name and its data.
    fn next(&mut self) -> Outcome<Option<(String, String)>> {
        let [mut name, mut data] = [const { String::new() }; 2];
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match line.trim_end().split_once(": ") {
                Some(("event", value)) => value.clone_into(&mut name),
                Some(("data", value)) => value.clone_into(&mut data),
                _ if name.is_empty() => {}
                _ => return Ok(Some((name, data))),
            }
        }
    }

    /// Waits until the server ends the stream, and returns the data of the last event.
    fn wait_for_end(&mut self) -> Outcome<String> {
        let mut last = None;
        while let Some(event) = self.next()? {
            last = Some(event);
        }
        let (name, data) = last.ok_or("no event")?;
        assert_eq!(name, "end");
        Ok(data)
    }
}

const PATIENCE: Duration = Duration::from_mins(1);
const ENDED: &str = "the session has ended";

fn opened<T>(connection: Result<T, u16>) -> Outcome<T> {
    connection.map_err(|status| format!("status {status}").into())
}

/// The four connections of a client.
struct Connections {
    sockets: [Socket; 2],
    events: [Events; 2],
}

impl Connections {
    /// Opens connections with the access token and with tickets.
    fn open(server: SocketAddr, client: &mut TestClient) -> Outcome<Self> {
        let access = client.access.clone();
        let [one, two] = [ticket(client)?, ticket(client)?];
        let by_ticket = format!("/socket/by-ticket?ticket={one}");
        let sockets = [
            opened(Socket::open(server, "/socket", &access)?)?,
            opened(Socket::open(server, &by_ticket, "")?)?,
        ];
        let path = format!("/events/by-ticket?ticket={two}");
        let events =
            [opened(Events::open(server, "/events", &access)?)?, opened(Events::open(server, &path, "")?)?];
        assert_eq!(Socket::open(server, &by_ticket, "")?.err(), Some(401), "a ticket is used up");
        assert_eq!(Events::open(server, &path, "")?.err(), Some(401), "a ticket is used up");
        let mut connections = Self { sockets, events };
        connections.assert_open()?;
        Ok(connections)
    }

    fn assert_open(&mut self) -> Outcome {
        self.sockets.iter_mut().try_for_each(|socket| socket.assert_open("hello"))?;
        for events in &mut self.events {
            assert_eq!(events.next()?.ok_or("the stream has ended")?.0, "price");
        }
        Ok(())
    }

    fn assert_ended(&mut self) -> Outcome {
        for socket in &mut self.sockets {
            assert_eq!(socket.wait_for_close()?, (CloseCode::Policy, ENDED.to_owned()));
        }
        for events in &mut self.events {
            assert_eq!(events.wait_for_end()?, ENDED);
        }
        Ok(())
    }
}

fn connections_end_with_their_session(framework: Framework) -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("connections.db");
    let (here, elsewhere) = (start(framework, &database)?, start(framework, &database)?);
    assert_eq!(Socket::open(here, "/socket", "")?.err(), Some(401));
    assert_eq!(Socket::open(here, "/socket/by-ticket?ticket=junk", "")?.err(), Some(401));
    assert_eq!(Events::open(here, "/events", "junk")?.err(), Some(401));

    let (mut first, mut second) = (logged_in(here)?, logged_in(elsewhere)?);
    let mut of_first = Connections::open(here, &mut first)?;
    let mut of_second = Connections::open(here, &mut second)?;
    // A refresh leaves connections open.
    assert_eq!(first.refresh()?.0, 200);
    of_first.assert_open()?;

    let unused = ticket(&mut first)?;
    assert_eq!(first.log_out()?.0, 204);
    of_first.assert_ended()?;
    let path = format!("/socket/by-ticket?ticket={unused}");
    assert_eq!(Socket::open(here, &path, "")?.err(), Some(401), "a ticket ends with its session");

    of_second.assert_open()?;
    assert_eq!(second.log_out()?.0, 204, "in the other service");
    of_second.assert_ended()
}

#[test]
fn connections_of_axum_end_after_a_logout_here_and_after_one_elsewhere() -> Outcome {
    connections_end_with_their_session(Framework::Axum)
}

#[test]
fn connections_of_actix_end_after_a_logout_here_and_after_one_elsewhere() -> Outcome {
    connections_end_with_their_session(Framework::Actix)
}
