//! The PostgreSQL server.

use gatevault_servers::PostgresServer;

use crate::client::Postgres;

/// The setting that makes a commit durable.
const DURABILITY: &str = "SHOW synchronous_commit";

#[test]
fn a_postgres_server_answers_at_its_url() {
    let server = PostgresServer::start();
    assert_eq!(server.url(), format!("postgres://postgres@{}/postgres", server.address()));
    assert!(server.address().ip().is_loopback());
    let mut client = Postgres::connect(server.address()).unwrap();
    assert_eq!(client.ask("SELECT 40 + 2").unwrap().unwrap(), "42");
    assert_eq!(client.ask(DURABILITY).unwrap().unwrap(), "on");
}

#[test]
fn a_postgres_server_takes_more_settings_in_place_of_the_usual_ones_and_keeps_them_after_a_kill() {
    let mut server = PostgresServer::start_with(&["commit_delay=3000", "synchronous_commit=off"]);
    for _ in 0..2 {
        let mut client = Postgres::connect(server.address()).unwrap();
        assert_eq!(client.ask("SHOW commit_delay").unwrap().unwrap(), "3000");
        assert_eq!(client.ask(DURABILITY).unwrap().unwrap(), "off");
        server.kill();
        server.start_again();
    }
}

#[test]
fn committed_transactions_of_postgres_survive_a_kill() {
    let mut server = PostgresServer::start();
    let address = server.address();
    let mut client = Postgres::connect(address).unwrap();
    client.ask("CREATE TABLE rounds (number int)").unwrap();
    for round in 0..3 {
        client.ask(&format!("INSERT INTO rounds VALUES ({round})")).unwrap();
        client.ask("BEGIN").unwrap();
        client.ask("INSERT INTO rounds VALUES (99)").unwrap();
        server.kill();
        client.ask("COMMIT").unwrap_err();
        Postgres::connect(address).map(drop).unwrap_err();
        server.start_again();
        assert_eq!(server.address(), address);
        client = Postgres::connect(address).unwrap();
        assert_eq!(client.ask("SELECT max(number) FROM rounds").unwrap().unwrap(), round.to_string());
    }
}

#[test]
fn a_postgres_that_was_stopped_keeps_its_data() {
    let mut server = PostgresServer::start();
    let mut client = Postgres::connect(server.address()).unwrap();
    client.ask("CREATE TABLE a AS SELECT 7 AS b").unwrap();
    server.stop();
    client.ask("SELECT 1").unwrap_err();
    server.start_again();
    let mut client = Postgres::connect(server.address()).unwrap();
    assert_eq!(client.ask("SELECT b FROM a").unwrap().unwrap(), "7");
}

#[test]
fn a_postgres_that_was_paused_answers_after_it_resumes() {
    let server = PostgresServer::start();
    let mut client = Postgres::connect(server.address()).unwrap();
    server.pause();
    client.send("SELECT 'late'").unwrap();
    assert!(client.receives_nothing(), "its children are paused too");
    server.resume();
    assert_eq!(client.until_ready().unwrap().unwrap(), "late");
    Postgres::connect(server.address()).unwrap();
}

#[test]
fn a_postgres_can_be_killed_while_it_is_paused() {
    let mut server = PostgresServer::start();
    let _client = Postgres::connect(server.address()).unwrap();
    server.pause();
    server.kill();
    server.start_again();
    Postgres::connect(server.address()).unwrap();
}

#[test]
fn two_postgres_servers_are_independent() {
    let (one, other) = (PostgresServer::start(), PostgresServer::start());
    assert_ne!(one.address(), other.address());
    Postgres::connect(one.address()).unwrap().ask("CREATE TABLE a (b int)").unwrap();
    Postgres::connect(other.address()).unwrap().ask("SELECT * FROM a").unwrap_err();
}
