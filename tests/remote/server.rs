//! Small web servers whose responses a test controls.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The response to a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// 200 with this body.
    Body(String),
    /// Another status with this body.
    Status(&'static str, String),
    /// 302 to this location.
    Redirect(String),
    /// These raw bytes.
    Bytes(&'static [u8]),
    /// 200 with a body that never ends.
    Endless,
    /// 200 with a body that arrives slowly, byte by byte.
    Drip,
    /// Nothing, for longer than any client waits.
    Silence,
}

/// A server on its own port, which runs until the test ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server that gives every request the same response.
    pub(crate) fn answering(answer: Answer) -> Self {
        Self::routing(move |_| answer.clone())
    }

    /// Starts a server whose response depends on the path.
    pub(crate) fn routing(route: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(route, None)
    }

    /// Starts an issuer whose name is the server's URL with this path. The response depends on the name and the path of
    /// the request.
    pub(crate) fn issuer(path: &str, route: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let name = Arc::new(OnceLock::new());
        let own_name: Arc<OnceLock<String>> = name.clone();
        let server = Self::routing(move |path| route(own_name.wait(), path));
        name.set(server.url(path)).unwrap();
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn start(route: impl Fn(&str) -> Answer + Send + Sync + 'static, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, route) = (requests.clone(), Arc::new(route));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, route, tls) = (seen.clone(), route.clone(), tls.clone());
                thread::spawn(move || serve(stream, tls, &*route, &seen));
            }
        });
        Self { address, requests }
    }
}

/// A TLS server with a certificate from its own authority.
pub(crate) struct SecureServer {
    pub(crate) server: Server,
    /// The certificate of the authority.
    pub(crate) authority: String,
}

impl SecureServer {
    pub(crate) fn of(name: &str, answer: Answer) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()])
            .unwrap()
            .signed_by(&key, &rcgen::Issuer::new(authority, authority_key))
            .unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let server = Server::start(move |_| answer.clone(), Some(Arc::new(config)));
        Self { server, authority: root.pem() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.server.address)
    }
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    route: &(dyn Fn(&str) -> Answer + Send + Sync),
    seen: &Mutex<Vec<String>>,
) {
    match tls {
        None => converse(stream, route, seen),
        Some(config) => {
            let connection = ServerConnection::new(config).unwrap();
            converse(StreamOwned::new(connection, stream), route, seen);
        }
    }
}

/// Handles one request. A client that disconnects meanwhile is not an error: many tests cause that.
fn converse(
    mut stream: impl Read + Write,
    route: &(dyn Fn(&str) -> Answer + Send + Sync),
    seen: &Mutex<Vec<String>>,
) {
    let Some(head) = head(&mut stream) else {
        return;
    };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(head);
    let _gone = answer(&mut stream, route(&path));
}

fn head(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).ok()
}

fn answer(stream: &mut impl Write, answer: Answer) -> std::io::Result<()> {
    const OPEN: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let whole = |status: &str, extra: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{extra}connection: close\r\n\r\n{body}")
    };
    match answer {
        Answer::Body(body) => stream.write_all(whole("200 OK", "set-cookie: a=b\r\n", &body).as_bytes())?,
        Answer::Status(status, body) => stream.write_all(whole(status, "", &body).as_bytes())?,
        Answer::Redirect(to) => {
            stream.write_all(whole("302 Found", &format!("location: {to}\r\n"), "").as_bytes())?;
        }
        Answer::Bytes(bytes) => stream.write_all(bytes)?,
        Answer::Silence => thread::sleep(Duration::from_mins(10)),
        Answer::Endless => {
            stream.write_all(OPEN.as_bytes())?;
            loop {
                stream.write_all(&[b' '; 4096])?;
            }
        }
        Answer::Drip => {
            stream.write_all(OPEN.as_bytes())?;
            loop {
                stream.write_all(b" ")?;
                stream.flush()?;
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
    stream.flush()
}
