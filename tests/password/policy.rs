//! The rules, on every way to a password.

use super::{PASSWORD, POLICY, USERS, create, decide, refused_for, signs_in};
use crate::support::TestApp;
use serde_json::{Value, json};
use tenantry::tenant::Owner;

#[tokio::test]
async fn a_new_tenant_asks_for_fifteen_characters_and_no_classes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (number, good) in [
        "correct horse battery staple",
        "83749283749261940275",
        "🦀🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("user-{number}");
        create(&owner, &name, good).await.expect(200);
        assert!(signs_in(&owner.tenant, &name, good).await);
    }
    for (bad, why) in [
        ("xK9#mQ2$vL-7pW", "too_short"),
        ("password1234567", "too_common"),
        ("alice-alice-2026", "context_word"),
        ("aaaaaaaaaaaaaaaaaaaa", "too_guessable"),
    ] {
        let codes = refused_for(create(&owner, "alice", bad).await, "password");
        assert!(codes.iter().any(|code| code == why), "{bad}: {codes:?}");
    }
    create(&owner, "alice", "xK9#mQ2$vL-7pWz").await.expect(200);
}

#[tokio::test]
async fn legacy_classes_ask_for_four_classes_and_refuse_what_is_tried_first() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    decide(&owner, json!({ "preset": "legacy-classes" })).await;

    create(&owner, "alice", "SecureP@ss123").await.expect(200);
    assert!(signs_in(&owner.tenant, "alice", "SecureP@ss123").await);
    for common in ["Password1!", "P@ssw0rd1", "Qwerty123!", "Admin@123"] {
        let codes = refused_for(create(&owner, "bob", common).await, "password");
        assert!(codes.iter().any(|code| code == "too_common"), "{common}: {codes:?}");
    }
    let codes = refused_for(create(&owner, "bob", PASSWORD).await, "password");
    assert_eq!(codes, ["needs_upper", "needs_digit"]);
}

#[tokio::test]
async fn eight_characters_are_enough_beside_a_second_factor() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    decide(&owner, json!({ "preset": "nist-mfa" })).await;
    create(&owner, "alice", "xK9#mQ2$vL").await.expect(200);
    let codes = refused_for(create(&owner, "bob", "xK9#mQ2").await, "password");
    assert!(codes.contains(&"too_short".to_owned()), "{codes:?}");
    let codes = refused_for(create(&owner, "bob", "iloveyou").await, "password");
    assert_eq!(codes, ["too_common", "too_guessable"]);
}

#[tokio::test]
async fn a_tenants_own_rules_may_ask_for_little() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let little = json!({
        "preset": "custom", "minLength": 6, "maxLength": 64, "minEstimatorScore": 0,
        "blocklist": { "common": false, "contextWords": false }
    });
    decide(&owner, little).await;
    create(&owner, "alice", "secret1").await.expect(200);
    assert!(signs_in(&owner.tenant, "alice", "secret1").await);
    assert_eq!(
        refused_for(create(&owner, "bob", "12345").await, "password"),
        ["too_short"]
    );
    let long = "x".repeat(65);
    assert_eq!(
        refused_for(create(&owner, "bob", &long).await, "password"),
        ["too_long"]
    );
    create(&owner, "bob", &long[1..]).await.expect(200);
}

#[tokio::test]
async fn every_failed_rule_is_named_at_once_in_every_dialect() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    decide(&owner, json!({ "preset": "legacy-classes" })).await;
    let all = [
        "too_short",
        "needs_upper",
        "needs_digit",
        "needs_special",
        "too_common",
        "context_word",
        "too_guessable",
    ];
    assert_eq!(refused_for(create(&owner, "alice", "alice").await, "password"), all);

    let new = json!({ "username": "alice", "email": "alice@example.test", "password": "alice" });
    let refused = owner.tenant.anybody().post("/v1/register", &new).await.expect(400);
    let violations = refused["details"][1]["fieldViolations"].as_array().unwrap();
    assert_eq!(violations.len(), all.len(), "{refused}");
    assert!(violations.iter().all(|violation| violation["field"] == "password"));
    let first = violations[0]["description"].as_str().unwrap();
    assert!(first.contains("at least 8 characters"), "{first}");
}

#[tokio::test]
async fn no_way_to_a_password_goes_around_the_policy() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let alice = tenant.sign_up("alice").await;
    let weak = "Summer2026 Summer";
    decide(
        &owner,
        json!({ "preset": "nist-single", "blocklist": { "words": ["summer"] } }),
    )
    .await;

    let register = json!({ "username": "bob", "email": "bob@example.test", "password": weak });
    let registered = tenant.anybody().post("/v1/register", &register).await;
    assert_eq!(registered.status, 400, "{}", registered.text);
    assert!(registered.text.contains("names and words"), "{}", registered.text);
    let change = json!({ "oldPassword": PASSWORD, "password": weak });
    let ways = [
        create(&owner, "bob", weak).await,
        alice.put(&format!("{USERS}/-/password"), &change).await,
        owner
            .put(&format!("{USERS}/alice/password"), &json!({ "password": weak }))
            .await,
    ];
    for reply in ways {
        assert!(!reply.text.contains(weak), "a password is never sent back");
        assert!(refused_for(reply, "password").contains(&"context_word".to_owned()));
    }
    let founded = Owner::new("admin", "admin@localhost", Some("short")).unwrap_err();
    let why = founded.to_string();
    assert!(
        why.contains("at least 15 characters") && why.contains("easy to guess"),
        "{why}"
    );

    assert!(signs_in(&tenant, "alice", PASSWORD).await, "nothing changed");
    assert!(!signs_in(&tenant, "alice", weak).await);
}

#[tokio::test]
async fn a_name_of_the_tenant_is_no_password_there_and_one_elsewhere() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await.owner().await;
    let zeta = app.tenant("zeta").await.owner().await;
    for owner in [&acme, &zeta] {
        decide(owner, json!({ "preset": "legacy-classes" })).await;
    }
    let codes = refused_for(create(&acme, "ada", "Acme2026!acme").await, "password");
    assert!(codes.contains(&"context_word".to_owned()), "{codes:?}");
    create(&zeta, "ada", "Acme2026!acme").await.expect(200);
}

#[tokio::test]
async fn names_of_the_user_are_no_password_of_theirs() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = json!({
        "name": "countess", "email": "lovelace.byron@example.test", "displayName": "Augusta King", "password": PASSWORD
    });
    owner.post(USERS, &new).await.expect(200);
    for made_of_names in [
        "Countess#1815#countess",
        "Lovelace-Byron-1815",
        "Augusta & Byron 10.12.1815",
        "L0v3l4ce!!Augu$ta",
    ] {
        let given = json!({ "password": made_of_names });
        let reply = owner.put(&format!("{USERS}/countess/password"), &given).await;
        let codes = refused_for(reply, "password");
        assert!(codes.contains(&"context_word".to_owned()), "{made_of_names}: {codes:?}");
    }
    let given = json!({ "password": "an engine weaves algebraic patterns" });
    owner
        .put(&format!("{USERS}/countess/password"), &given)
        .await
        .expect(200);
}

#[tokio::test]
async fn the_policy_of_one_tenant_says_nothing_in_another() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await.owner().await;
    let zeta = app.tenant("zeta").await.owner().await;
    decide(
        &acme,
        json!({ "preset": "legacy-classes", "blocklist": { "words": ["dirigible"] } }),
    )
    .await;

    let seen = zeta.get(POLICY).await.expect(200);
    assert_eq!(
        (&seen["metadata"]["version"], &seen["spec"]["preset"]),
        (&json!(0), &json!("nist-single"))
    );
    assert_eq!(seen["spec"]["blocklist"]["words"], json!([]));
    create(&zeta, "ada", PASSWORD).await.expect(200);
    create(&zeta, "bob", "Dirigible dirigible!").await.expect(200);
    let codes = refused_for(create(&acme, "ada", PASSWORD).await, "password");
    assert_eq!(codes, ["needs_upper", "needs_digit"]);
}

#[tokio::test]
async fn a_stricter_policy_locks_nobody_out() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let alice = tenant.sign_up("alice").await;
    let strict = json!({
        "preset": "custom", "minLength": 40, "minEstimatorScore": 4,
        "requireClasses": ["lower", "upper", "digit", "special"],
        "blocklist": { "words": ["staple"] }
    });
    decide(&owner, strict).await;

    assert!(signs_in(&tenant, "alice", PASSWORD).await);
    assert_eq!(
        alice.get(&format!("{USERS}/-")).await.status,
        200,
        "nor does a session end"
    );
    let change = json!({ "oldPassword": PASSWORD, "password": "another battery without classes" });
    let reply = alice.put(&format!("{USERS}/-/password"), &change).await;
    let codes = refused_for(reply, "password");
    assert_eq!(codes, ["too_short", "needs_upper", "needs_digit"]);
    let good = "Another battery, with classes & 40 characters";
    let change = json!({ "oldPassword": PASSWORD, "password": good });
    alice.put(&format!("{USERS}/-/password"), &change).await.expect(200);
    assert!(signs_in(&tenant, "alice", good).await);
}

#[tokio::test]
async fn nothing_that_is_stored_has_a_password_in_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let canary = "canaries sing in the 7th mine";
    create(&owner, "alice", canary).await.expect(200);
    let refused = create(&owner, "bob", "canary").await;
    assert_eq!(refused.status, 400);
    let dump = app.dump().await;
    assert!(
        dump.contains("alice@example.test") && dump.contains("$argon2id$"),
        "the control"
    );
    assert!(!dump.contains(canary) && !dump.contains(PASSWORD));
    let seen = owner.get(&format!("{USERS}/alice")).await.expect(200);
    assert_eq!(seen["user"]["spec"]["passwordSet"], Value::Bool(true));
    assert!(!seen.to_string().contains("argon2"));
}
