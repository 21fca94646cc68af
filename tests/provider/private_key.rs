//! A tenant that proves to a provider who it is by a key (RFC 7523).

use super::{Scene, makers::key, patch, trusting, who};
use crate::support::TestApp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_key_signs_each_request_and_is_never_said() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let mut spec = trusting();
    let pem = key();
    spec["authMethod"] = "private_key".into();
    spec["clientSecret"] = pem.clone().into();
    let scene = Scene::new(&app, spec).await;
    let browser = app.default_tenant().browser();
    assert_eq!(
        scene.join(&browser, "sub-1", "ada@example.com").await.leads(),
        "/console/"
    );
    assert_eq!(who(&browser).await, "ada");
    let form = scene.issuer.last("/token");
    assert_eq!(&*form["client_id"], "rp");
    assert_eq!(
        &*form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!form.contains_key("client_secret"), "{form:?}");
    let part = |token: &str, at: usize| -> Value {
        let part = token.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let first = form["client_assertion"].clone();
    assert_eq!(part(&first, 0)["alg"], "ES256");
    let claims = part(&first, 1);
    let endpoint = format!("{}/token", scene.issuer.base);
    for (claim, value) in [("iss", "rp"), ("sub", "rp"), ("aud", &*endpoint)] {
        assert_eq!(claims[claim], value, "{claims}");
    }
    let now = app.clock.now().timestamp();
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 300)));
    // Each is another one.
    let another = app.default_tenant().browser();
    scene.come(&another, json!({})).await;
    let second = scene.issuer.last("/token")["client_assertion"].clone();
    let ids: BTreeSet<_> = [&first, &second].map(|token| part(token, 1)["jti"].to_string()).into();
    assert_eq!(ids.len(), 2);

    // It would be said by any other method, and a secret signs nothing.
    let other = patch(&scene.owner, "corp", json!({ "authMethod": "post" })).await;
    other.expect_problem(400, "secret_required");
    let no_key = patch(&scene.owner, "corp", json!({ "clientSecret": "hush" })).await;
    no_key.expect_problem(400, "invalid");
    let both = json!({ "authMethod": "post", "clientSecret": "hush" });
    patch(&scene.owner, "corp", both).await.expect(200);
    let back = patch(&scene.owner, "corp", json!({ "authMethod": "private_key" })).await;
    back.expect_problem(400, "secret_required");
    let key_again = json!({ "authMethod": "private_key", "clientSecret": pem });
    patch(&scene.owner, "corp", key_again).await.expect(200);
}
