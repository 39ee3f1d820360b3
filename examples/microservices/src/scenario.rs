//! The scenario: starts everything, calls over HTTP, and fails unless every answer is the expected one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::Outcome;

pub fn run() -> Outcome<()> {
    let redis = std::env::var("REDIS_URL").ok();
    let own_redis = if redis.is_none() { Some(Redis::start()?) } else { None };
    let redis = redis.or_else(|| own_redis.as_ref().map(|own| own.url.clone())).unwrap_or_default();
    let digest_secret = gatevault::generate_secret()?;
    let mut auth = Service::start("auth", &[("REDIS_URL", &redis), ("DIGEST_SECRET", &digest_secret)])?;
    let start = |name| Service::start(name, &[("REDIS_URL", &redis), ("AUTH_URL", &auth.url)]);
    let services = [start("orders")?, start("billing")?];
    let client = Client(Agent::config_builder().http_status_as_error(false).build().into());

    println!("1. a login at auth opens orders and billing");
    let (phone, laptop) = (client.log_in(&auth)?, client.log_in(&auth)?);
    client.expect_everywhere(&services, 200, text(&phone, "access_token"))?;

    println!("2. a refresh token opens neither");
    client.expect_everywhere(&services, 401, text(&phone, "refresh_token"))?;

    println!("3. a logout at auth reaches both, and the other session stays active");
    let body = json!({ "refresh_token": text(&phone, "refresh_token") });
    client.post(&auth, "/logout", &body, 204)?;
    let since = Instant::now();
    for service in &services {
        while client.get(service, text(&phone, "access_token"))?.0 != 401 {
            if since.elapsed() > Duration::from_secs(1) {
                return Err(format!("{} did not receive the logout within a second", service.name).into());
            }
        }
        println!("   {} refuses {:?} after the logout", service.name, since.elapsed());
    }
    client.expect_everywhere(&services, 200, text(&laptop, "access_token"))?;

    println!("4. auth rotates its key, and every user stays logged in");
    sleep(Duration::from_secs(1)); // longer than the services leave between fetches
    println!("   auth: {}", auth.say("2")?);
    let body = json!({ "refresh_token": text(&laptop, "refresh_token") });
    let refreshed = client.post(&auth, "/refresh", &body, 200)?;
    client.expect_everywhere(&services, 200, text(&refreshed, "access_token"))?;
    client.expect_everywhere(&services, 200, text(&laptop, "access_token"))
}

fn text<'v>(tokens: &'v Value, name: &str) -> &'v str {
    tokens.get(name).and_then(Value::as_str).unwrap_or_default()
}

struct Client(Agent);

impl Client {
    fn log_in(&self, auth: &Service) -> Outcome<Value> {
        self.post(auth, "/login", &json!({ "username": "ada", "password": "correct horse" }), 200)
    }

    fn post(&self, service: &Service, path: &str, body: &Value, expected: u16) -> Outcome<Value> {
        let mut response = self.0.post(format!("{}{path}", service.url)).send_json(body)?;
        let status = response.status().as_u16();
        if status != expected {
            return Err(format!("{path}: {status}, not {expected}").into());
        }
        let body = response.body_mut().read_to_string()?;
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_str(&body)? })
    }

    fn get(&self, service: &Service, token: &str) -> Outcome<(u16, String)> {
        let call = self.0.get(&service.url).header("authorization", format!("Bearer {token}"));
        let mut response = call.call()?;
        Ok((response.status().as_u16(), response.body_mut().read_to_string()?))
    }

    /// Calls each service, and again while the answer is 503: a guard does not wait for a key that is on its way.
    fn expect_everywhere(&self, services: &[Service], expected: u16, token: &str) -> Outcome<()> {
        for service in services {
            let start = Instant::now();
            let (status, body) = loop {
                let answer = self.get(service, token)?;
                if answer.0 != 503 || start.elapsed() > Duration::from_secs(10) {
                    break answer;
                }
                sleep(Duration::from_millis(20));
            };
            println!("   {}: {status} {body}, after {:?}", service.name, start.elapsed());
            if status != expected {
                return Err(format!("{expected} was expected").into());
            }
        }
        Ok(())
    }
}

/// A process of this program, which ends with this one.
struct Service {
    name: &'static str,
    url: String,
    process: Ended,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Service {
    fn start(name: &'static str, environment: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(name).envs(environment.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdin, stdout) = child.stdin.take().zip(child.stdout.take()).ok_or("no pipes")?;
        let (process, stdout) = (Ended(child), BufReader::new(stdout));
        let mut service = Self { name, url: String::new(), process, stdin, stdout };
        service.url = service.next_line()?;
        println!("   {name}: process {} at {}", service.process.0.id(), service.url);
        Ok(service)
    }

    fn say(&mut self, line: &str) -> Outcome<String> {
        writeln!(self.stdin, "{line}")?;
        self.next_line()
    }

    fn next_line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        if line.is_empty() {
            Err(format!("{} has ended", self.name).into())
        } else {
            Ok(line.trim().to_owned())
        }
    }
}

/// A Redis server of this program, without persistence.
struct Redis {
    url: String,
    _process: Ended,
    _folder: TempDir,
}

impl Redis {
    fn start() -> Outcome<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string(), "--dir"]);
        let started = command.arg(folder.path()).stdout(Stdio::null()).spawn();
        let process =
            Ended(started.map_err(|error| format!("redis-server: {error}; install it, or set REDIS_URL"))?);
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                return Err("redis-server does not answer".into());
            }
            sleep(Duration::from_millis(20));
        }
        println!("   redis: process {} at port {port}", process.0.id());
        Ok(Self { url: format!("redis://127.0.0.1:{port}/"), _process: process, _folder: folder })
    }
}

/// A process that does not outlive this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}
