//! Messages that a provider signs with the keys of its access tokens, and that are none (RFC 8725 section 2.8).

use std::sync::LazyLock;

use gatevault::Issuer;
use gatevault_issuers::{Provider, UserAgent, resource, segment};

use crate::{accepting, accepting_issuer, es256, keys_of, status};

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| Provider::start(&[es256("1")]));

#[test]
fn no_other_message_that_the_provider_signs_opens_a_guard() {
    let issuer = Issuer::new(PROVIDER.issuer(), keys_of(PROVIDER.issuer())).audience("web-ES256");
    let api = accepting(&PROVIDER);
    let strict = accepting_issuer(issuer.clone().at_jwt());
    let lenient = [accepting_issuer(issuer.clone()), accepting_issuer(issuer.any_kind())];
    for (message, token) in UserAgent::new(&PROVIDER).signed_messages("web-ES256", &resource("ES256")) {
        let claims = segment(&token, 1);
        assert_eq!(
            (&segment(&token, 0)["kid"], &claims["aud"]),
            (&"1".into(), &"web-ES256".into()),
            "{message}"
        );
        // It is for a client, and not for the API.
        assert_eq!(status(&api, &token), 401, "{message}");
        // A client that is an API as well asks for what only access tokens have.
        assert_eq!(status(&strict, &token), 401, "{message}");
        // Without that, a response of the UserInfo endpoint is a token like any other: it has no claim of its own.
        if message != "UserInfo" {
            assert_eq!(
                lenient.each_ref().map(|tokens| status(tokens, &token)),
                [401, 401],
                "{message}: {claims}"
            );
        }
    }
}
