//! Streaming methods: the token is verified before messages are read.

use std::time::Duration;

use gatevault::protected;
use gatevault_web_tests::edges::proto::Note;
use gatevault_web_tests::{User, mint, mint_expired};
use tokio_stream::{Stream, StreamExt as _};
use tonic::codec::{Codec as _, Streaming};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::{EXPIRED, MALFORMED, MISSING, bearing, inside, note, scoped, seen, site, text};

/// A function with a streaming request as its token, which its body awaits.
#[protected]
pub(crate) async fn count(token: Request<Streaming<Note>>, payload: User) -> Result<Response<usize>, Status> {
    let notes = token.into_inner().filter_map(Result::ok).collect::<Vec<_>>().await;
    Ok(Response::new(notes.len().max(usize::try_from(payload.user_id).unwrap_or(0))))
}

/// Creates the request stream of a client that sends no message.
pub(crate) fn nothing() -> Streaming<Note> {
    let decoder = ProstCodec::<Note, Note>::default().decoder();
    Streaming::new_request(decoder, tonic::body::Body::empty(), None, None)
}

#[tokio::test]
async fn a_server_streams_to_a_client_with_a_good_token() {
    let response = site().await.split(bearing(&mint(&User::member(42)), note("one two"))).await.unwrap();
    let words: Vec<_> = response.into_inner().map(|word| word.unwrap().text).collect().await;
    assert_eq!(words, ["42:", "one", "two"]);
}

#[tokio::test]
async fn a_server_streams_nothing_to_other_clients() {
    let ask = async |request| site().await.split(request).await.map(drop).unwrap_err();
    assert_eq!(seen(&ask(Request::new(note("one"))).await), MISSING);
    assert_eq!(seen(&ask(bearing("junk", note("one"))).await), MALFORMED);
    assert_eq!(seen(&ask(bearing(&mint_expired(&User::member(42)), note("one"))).await), EXPIRED);
}

#[tokio::test]
async fn a_client_streams_with_a_good_token() {
    let token = mint(&User::member(42));
    let notes = || tokio_stream::iter([note("one"), note("two")]);
    assert_eq!(text(site().await.join(bearing(&token, notes())).await), "one two by 42");
    assert_eq!(text(inside().await.join(bearing(&token, notes())).await), "one two by 42");
}

/// Creates a stream that never ends after its first message: a method that reads it first never responds.
fn unending() -> impl Stream<Item = Note> + Send + 'static {
    tokio_stream::once(note("one")).chain(tokio_stream::pending())
}

#[tokio::test]
async fn a_client_is_denied_before_its_messages_are_read() {
    let expired = mint_expired(&User::member(42));
    for (token, denial, of_guard) in [
        ("", MISSING, scoped::MISSING),
        ("junk", MALFORMED, scoped::MALFORMED),
        (&expired, EXPIRED, scoped::EXPIRED),
    ] {
        assert_eq!(seen(&site().await.join(bearing(token, unending())).await.unwrap_err()), denial);
        assert_eq!(seen(&inside().await.join(bearing(token, unending())).await.unwrap_err()), of_guard);
    }
    // With a good token, the method waits for messages.
    let mut request = bearing(&mint(&User::member(42)), unending());
    request.set_timeout(Duration::from_millis(500));
    assert_eq!(site().await.join(request).await.unwrap_err().code(), Code::Cancelled);
}
