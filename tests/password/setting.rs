//! The policy itself, as administrators see and change it.

use super::{PASSWORD, POLICY, create, decide, refused_for};
use crate::support::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn presets_are_spelled_out_with_what_they_conform_to() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let begin = owner.get(POLICY).await;
    assert_eq!(begin.header("etag"), "\"0\"");
    let expected = json!({
        "metadata": { "name": "password", "version": 0 },
        "spec": {
            "preset": "nist-single", "minLength": 15, "maxLength": 256, "requireClasses": [],
            "blocklist": { "common": true, "contextWords": true, "words": [] }, "minEstimatorScore": 3
        },
        "conformance": { "nist80063b4": true, "asvs5": true, "why": [] },
    });
    let begun = begin.expect(200);
    let (metadata, spec, status) = (&begun["metadata"], &begun["spec"], &begun["status"]);
    assert_eq!(
        json!({ "metadata": metadata, "spec": spec, "conformance": status["conformance"] }),
        expected
    );
    assert_eq!(status["isDefault"], true);

    let told = |policy: &Value| {
        let found = &policy["status"]["conformance"];
        let reasons = found["why"].as_array().unwrap().len();
        (
            found["nist80063b4"].as_bool().unwrap(),
            found["asvs5"].as_bool().unwrap(),
            reasons,
        )
    };
    let mfa = decide(&owner, json!({ "preset": "nist-mfa" })).await;
    assert_eq!((&mfa["spec"]["minLength"], told(&mfa)), (&json!(8), (false, true, 1)));
    let why = mfa["status"]["conformance"]["why"][0].as_str().unwrap();
    assert!(why.contains("second factor"), "{why}");
    let legacy = decide(&owner, json!({ "preset": "legacy-classes" })).await;
    let classes = json!(["lower", "upper", "digit", "special"]);
    assert_eq!(
        (&legacy["spec"]["requireClasses"], told(&legacy)),
        (&classes, (false, false, 2))
    );
    let custom = decide(&owner, json!({ "preset": "custom" })).await;
    assert_eq!(
        (&custom["spec"]["minLength"], told(&custom)),
        (&json!(15), (true, true, 0))
    );
    let open = json!({ "preset": "custom", "minLength": 7, "blocklist": { "common": false, "contextWords": false } });
    assert_eq!(told(&decide(&owner, open).await), (false, false, 3));
    assert_eq!(owner.get(POLICY).await.expect(200)["metadata"]["version"], 4);
}

#[tokio::test]
async fn what_was_read_can_be_written_back() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for preset in ["nist-single", "nist-mfa", "legacy-classes", "custom"] {
        decide(
            &owner,
            json!({ "preset": preset, "blocklist": { "words": ["Zeppelin"] } }),
        )
        .await;
        let read = owner.get(POLICY).await.expect(200);
        let written = owner.put(POLICY, &read).await.expect(200);
        assert_eq!(written["spec"], read["spec"]);
        assert_eq!(written["spec"]["blocklist"]["words"], json!(["zeppelin"]));
    }
}

#[tokio::test]
async fn a_policy_is_changed_in_the_version_that_was_read() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let put = async |tag: &str, body: Value| {
        let request = owner.request(Method::PUT, POLICY).header("if-match", tag);
        owner.send(request.json(&body)).await
    };
    let spec = json!({ "preset": "legacy-classes" });
    let changed = put("\"0\"", json!({ "spec": spec })).await;
    assert_eq!(changed.header("etag"), "\"1\"");
    changed.expect(200);
    put("\"0\"", json!({ "spec": spec }))
        .await
        .expect_problem(412, "precondition_failed");
    let stale = json!({ "metadata": { "version": 0 }, "spec": spec });
    owner.put(POLICY, &stale).await.expect_problem(409, "version_conflict");
    let current = json!({ "metadata": { "version": 1 }, "spec": { "preset": "nist-mfa" } });
    let written = owner.put(POLICY, &current).await.expect(200);
    assert_eq!(
        (&written["metadata"]["version"], &written["spec"]["preset"]),
        (&json!(2), &json!("nist-mfa"))
    );
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_refused_field_by_field() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let wrong = async |spec: Value| -> Vec<String> {
        let refused = owner
            .put(POLICY, &json!({ "spec": spec }))
            .await
            .expect_problem(400, "invalid");
        let list = refused["errors"].as_array().unwrap().iter();
        list.map(|wrong| wrong["field"].as_str().unwrap().to_owned()).collect()
    };
    let outside = json!({ "preset": "custom", "minLength": 5, "maxLength": 257, "minEstimatorScore": 5 });
    assert_eq!(
        wrong(outside).await,
        ["spec.minLength", "spec.maxLength", "spec.minEstimatorScore"]
    );
    let outside = json!({ "preset": "custom", "minLength": 65, "maxLength": 63, "minEstimatorScore": -1 });
    assert_eq!(wrong(outside).await.len(), 3);
    assert_eq!(wrong(json!({ "preset": "strong" })).await, ["spec.preset"]);
    assert_eq!(wrong(json!({})).await, ["spec.preset"]);
    let classes = json!({ "preset": "custom", "requireClasses": ["lower", "emoji"] });
    assert_eq!(wrong(classes).await, ["spec.requireClasses[1]"]);
    let set = json!({ "preset": "nist-single", "minLength": 8, "blocklist": { "common": false } });
    assert_eq!(wrong(set).await, ["spec.minLength", "spec.blocklist.common"]);
    let words = json!({ "preset": "custom", "blocklist": { "words": ["good", "bad", "x".repeat(65), "----"] } });
    let fields = [1, 2, 3].map(|at| format!("spec.blocklist.words[{at}]"));
    assert_eq!(wrong(words).await, fields);
    let many: Vec<_> = (0..201).map(|number| format!("word-{number}")).collect();
    let many = json!({ "preset": "nist-single", "blocklist": { "words": many } });
    assert_eq!(wrong(many).await, ["spec.blocklist.words"]);
    assert_eq!(owner.get(POLICY).await.expect(200)["metadata"]["version"], 0);
}

#[tokio::test]
async fn words_hold_from_the_next_password_on() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let password = "Project Dirigible 2026";
    create(&owner, "alice", password).await.expect(200);
    decide(
        &owner,
        json!({ "preset": "nist-single", "blocklist": { "words": ["project", "dirigible"] } }),
    )
    .await;
    let codes = refused_for(create(&owner, "bob", password).await, "password");
    assert!(codes.contains(&"context_word".to_owned()), "{codes:?}");
    create(&owner, "bob", "my dirigible flies over here").await.expect(200);
    decide(&owner, json!({ "preset": "nist-single" })).await;
    create(&owner, "carol", password).await.expect(200);
}

#[tokio::test]
async fn only_who_may_decide_about_policies_sees_and_changes_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let alice = tenant.sign_up("alice").await;
    let new = json!({ "spec": { "preset": "nist-mfa" } });
    alice.get(POLICY).await.expect_problem(403, "forbidden");
    alice.put(POLICY, &new).await.expect_problem(403, "forbidden");
    tenant
        .anybody()
        .get(POLICY)
        .await
        .expect_problem(401, "unauthenticated");
    let owner = tenant.owner().await;
    assert_eq!(owner.get(POLICY).await.expect(200)["metadata"]["version"], 0);
    create(&owner, "bob", PASSWORD).await.expect(200);
}
