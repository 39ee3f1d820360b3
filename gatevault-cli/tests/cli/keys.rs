//! `secret`, `keygen` and `jwks`.

use serde_json::Value;

use crate::command::Folder;

pub(crate) const PAIRS: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

#[test]
fn a_secret_has_two_characters_for_each_byte_and_is_another_one_each_time() {
    let folder = Folder::new();
    let [one, other] = [(); 2].map(|()| folder.ok(&["secret"]));
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(one.len() == 64 && is_hex(&one) && one != other, "{one} {other}");
    let json = folder.run(&["secret", "--bytes", "48", "--json"]).json();
    assert_eq!((json["bytes"].as_u64(), json["secret"].as_str().unwrap().len()), (Some(48), 96));
    assert_eq!(folder.run(&["secret", "--bytes", "15"]).code, 2);
}

#[test]
fn a_key_of_every_algorithm_and_form_signs_tokens_that_its_set_verifies() {
    let folder = Folder::new();
    for algorithm in PAIRS {
        for format in ["pem", "jwk"] {
            let file = format!("{algorithm}.{format}");
            folder.ok(&["keygen", algorithm, "--format", format, "--out", &file]);
            let set = folder.ok(&["jwks", &file, "--alg", algorithm]);
            assert!(!set.contains("\"d\""), "{set}");
            folder.write("jwks.json", &set);
            let token = folder.ok(&["mint", "--key", &file, "--alg", algorithm, "--user-id", "42"]);
            for key in ["--jwks", "--key"] {
                let keys = if key == "--jwks" { "jwks.json" } else { &file };
                let arguments = ["inspect", &token, key, keys, "--json"];
                // The file in PEM of an RSA key does not name its algorithm.
                let named: &[&str] = if key == "--key" { &["--alg", algorithm] } else { &[] };
                let output = folder.run(&[&arguments, named].concat());
                let report = output.json();
                assert_eq!((output.code, &report["verdict"]["valid"]), (0, &true.into()), "{file}: {report}");
                assert_eq!(report["header"]["alg"], algorithm);
                let set: Value = serde_json::from_str(&set).unwrap();
                assert_eq!(report["header"]["kid"], set["keys"][0]["kid"], "{file}");
            }
        }
    }
}

#[test]
fn a_secret_in_a_jwk_signs_and_verifies_and_is_never_published() {
    let folder = Folder::new();
    for (algorithm, characters) in [("HS256", 43), ("HS384", 64), ("HS512", 86)] {
        folder.ok(&["keygen", algorithm, "--out", algorithm]);
        let jwk: Value = serde_json::from_str(&folder.read(algorithm)).unwrap();
        assert_eq!((&jwk["alg"], jwk["k"].as_str().unwrap().len()), (&algorithm.into(), characters));
        let token = folder.ok(&["mint", "--key", algorithm, "--user-id", "42"]);
        assert_eq!(folder.run(&["inspect", &token, "--key", algorithm]).code, 0);
        let refused = folder.run(&["jwks", algorithm]);
        assert!(
            refused.code == 2 && refused.out.is_empty() && refused.err.contains("a secret"),
            "{refused:?}"
        );
        assert!(!refused.err.contains(jwk["k"].as_str().unwrap()));
        let refused = folder.run(&["keygen", algorithm, "--format", "pem"]);
        assert!(refused.code == 2 && refused.err.contains("--format jwk"), "{refused:?}");
    }
}

#[test]
fn the_public_half_of_a_new_key_verifies_and_the_private_half_is_in_the_file_only() {
    let folder = Folder::new();
    for (format, label) in [("pem", "-----BEGIN PUBLIC KEY-----"), ("jwk", "\"kty\":\"EC\"")] {
        let public = folder.ok(&["keygen", "ES256", "--format", format, "--out", format, "--public"]);
        assert!(
            public.contains(label) && !public.contains("PRIVATE") && !public.contains("\"d\""),
            "{public}"
        );
        folder.write("public", &public);
        let token = folder.ok(&["mint", "--key", format, "--sub", "ada"]);
        assert_eq!(folder.run(&["inspect", &token, "--key", "public"]).code, 0);
        let refused = folder.run(&["mint", "--key", "public", "--sub", "ada"]);
        assert!(refused.code == 2 && refused.err.contains("private key"), "{refused:?}");
    }
    assert_eq!(folder.run(&["keygen", "ES256", "--public"]).code, 2);
}

#[test]
fn a_private_key_is_for_its_owner_only_and_no_file_is_overwritten() {
    let folder = Folder::new();
    folder.ok(&["keygen", "EdDSA", "--out", "key"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path("key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let before = folder.read("key");
    let refused = folder.run(&["keygen", "EdDSA", "--out", "key"]);
    assert!(refused.code == 2 && refused.err.contains("is not overwritten"), "{refused:?}");
    assert_eq!(folder.read("key"), before);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path("elsewhere"), folder.path("link")).unwrap();
        assert_eq!(folder.run(&["keygen", "EdDSA", "--out", "link"]).code, 2);
        assert!(!folder.path("elsewhere").exists());
    }
}

#[test]
fn an_rsa_key_has_the_size_that_was_asked_for_and_others_have_one_size() {
    let folder = Folder::new();
    for (bits, characters) in [("2048", 342), ("3072", 512)] {
        let jwk = folder.ok(&["keygen", "PS256", "--bits", bits, "--format", "jwk"]);
        let jwk: Value = serde_json::from_str(&jwk).unwrap();
        assert_eq!(jwk["n"].as_str().unwrap().len(), characters, "{bits}");
    }
    for arguments in [["RS256", "1024"], ["RS256", "2049"], ["ES256", "2048"], ["HS256", "2048"]] {
        let refused = folder.run(&["keygen", arguments[0], "--bits", arguments[1]]);
        assert!(refused.code == 2 && refused.out.is_empty(), "{arguments:?}: {refused:?}");
    }
}

#[test]
fn a_key_has_the_chosen_id_or_its_thumbprint() {
    let folder = Folder::new();
    let named = folder.run(&["keygen", "ES256", "--kid", "2026-12", "--format", "jwk", "--json"]).json();
    assert_eq!(named["kid"], "2026-12");
    let jwk: Value = serde_json::from_str(named["private"].as_str().unwrap()).unwrap();
    assert_eq!(jwk["kid"], "2026-12");
    // RFC 8037 appendix A.1 to A.3.
    let key = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    folder.write("key", key);
    let set: Value = serde_json::from_str(&folder.ok(&["jwks", "key"])).unwrap();
    assert_eq!(set["keys"][0]["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_set_has_the_keys_of_all_files_and_no_id_twice() {
    let folder = Folder::new();
    for (algorithm, file) in [("ES256", "a"), ("EdDSA", "b")] {
        folder.ok(&["keygen", algorithm, "--out", file]);
    }
    folder.write("set", &folder.ok(&["jwks", "a"]));
    let both: Value = serde_json::from_str(&folder.ok(&["jwks", "set", "b"])).unwrap();
    assert_eq!(both["keys"].as_array().unwrap().len(), 2);
    let refused = folder.run(&["jwks", "a", "set"]);
    assert!(refused.code == 2 && refused.err.contains("two keys have the id"), "{refused:?}");
}

#[test]
fn what_is_no_key_is_refused_with_what_to_give() {
    let folder = Folder::new();
    let encrypted = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
    let ed25519_as_ec =
        r#"{"kty":"EC","crv":"P-256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","y":"AA"}"#;
    for (text, part) in [
        ("", "give an RSA key"),
        ("no key", "give an RSA key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "give an RSA key"),
        (encrypted, "the decrypted key, as `openssl pkey` writes it"),
        ("{", "not JSON"),
        ("{}", "JWK"),
        ("{\"keys\":[]}", "without keys"),
        (ed25519_as_ec, "found"),
    ] {
        folder.write("key", text);
        for command in [&["jwks", "key"][..], &["mint", "--user-id", "1", "--key", "key"]] {
            let refused = folder.run(command);
            assert!(refused.code == 2 && refused.err.contains(part), "{text}: {refused:?}");
        }
    }
    let refused = folder.run(&["jwks", "missing"]);
    assert!(refused.code == 2 && refused.err.contains("missing: "), "{refused:?}");
}
