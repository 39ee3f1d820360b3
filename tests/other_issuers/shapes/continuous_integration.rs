//! GitHub: "OpenID Connect", "Understanding the OIDC token". GitLab: "OpenID Connect (OIDC) Authentication Using ID Tokens".

use gatevault::{Issuer, Payload};
use gatevault_tests::START;
use serde_json::json;

use super::super::service::service;
use super::super::signer::with;
use super::Product;

#[test]
fn the_token_of_a_github_workflow_opens_a_guard() {
    let issuer = "https://token.actions.githubusercontent.com";
    let github = Product::new(|keys| {
        Issuer::new("https://token.actions.githubusercontent.com", keys)
            .audience("https://deploy.shop.example")
    });
    let token = json!({
        "jti": "example-id", "sub": "repo:shop/orders:environment:prod", "environment": "prod", "aud": "https://deploy.shop.example",
        "ref": "refs/heads/main", "sha": "example-sha", "repository": "shop/orders", "repository_owner": "shop",
        "actor_id": "12", "repository_visibility": "private", "run_id": "1", "run_number": "10", "run_attempt": "2",
        "runner_environment": "github-hosted", "actor": "ada", "workflow": "deploy", "head_ref": "", "base_ref": "",
        "event_name": "workflow_dispatch", "ref_type": "branch", "job_workflow_ref": "shop/ci/.github/workflows/x.yml@main",
        "iss": issuer, "nbf": START - 600, "exp": START + 300, "iat": START,
    });
    github.opens(&json!({ "x5t": "ykNaY4qM_ta4k2TgZOCEYLkcYlA" }), &token);
    // The default audience is the owner, for every service of the world.
    github.refuses(&with(token, json!({ "aud": "https://github.com/shop" })));
}

#[test]
fn the_id_token_of_a_gitlab_job_opens_a_guard() {
    let gitlab = Product::new(|keys| {
        Issuer::new("https://gitlab.example", keys).audience("https://deploy.shop.example")
    });
    let token = json!({
        "namespace_id": "72", "namespace_path": "shop", "project_id": "20", "project_path": "shop/orders", "user_id": "1",
        "user_login": "ada", "user_email": "ada@shop.example", "user_access_level": "owner", "pipeline_id": "574",
        "pipeline_source": "push", "job_id": "302", "ref": "feature-branch-1", "ref_type": "branch", "ref_protected": "false",
        "groups_direct": ["shop/clerks"], "runner_id": 1, "runner_environment": "self-hosted", "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
        "iss": "https://gitlab.example", "iat": START, "nbf": START - 5, "exp": START + 3600,
        "sub": "project_path:shop/orders:ref_type:branch:ref:feature-branch-1", "aud": "https://deploy.shop.example",
    });
    gitlab.opens(&json!({}), &token);
    let verified =
        service([gitlab.issuer()]).decode_access_token::<Payload>(&gitlab.sign(&json!({}), &token)).unwrap();
    assert_eq!(verified["ref_protected"], "false");
}
