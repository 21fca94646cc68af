//! The life of keys: published before they sign and after, withdrawn when they are known to others.

use crate::oidc::{decode, kids, published, verify};
use crate::support::{
    PASSWORD, Person, Reply, Tenant, TestApp, client,
    database::{Database, is_postgres},
    program::{Program, run},
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::{
    config::Config,
    key::{Algorithm, TokenType},
};

const KEYS: &str = "/apis/console/v1alpha1/signing-keys";
const ROTATE: &str = "/apis/console/v1alpha1/signing-keys/-/rotate";
const ME: &str = "/apis/console/v1alpha1/users/-";
const HOUR: i64 = 3600;

/// The keys of an algorithm with their states, the newest first.
async fn states(owner: &Person<'_>, algorithm: &str) -> Vec<(String, String)> {
    let list = owner.get(KEYS).await.expect(200);
    states_in(&list, algorithm)
}

fn states_in(list: &Value, algorithm: &str) -> Vec<(String, String)> {
    let items = list["items"].as_array().unwrap().iter();
    let of = items.filter(|item| item["spec"]["algorithm"] == algorithm);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of.map(|item| (text(&item["metadata"]["name"]), text(&item["status"]["state"])))
        .collect()
}

/// The `kid` of somebody's access token.
fn kid_of(person: &Person<'_>) -> String {
    let (header, _) = decode(person.tokens["accessToken"].as_str().unwrap());
    header["kid"].as_str().unwrap().to_owned()
}

/// A claim signed by the server's key of this algorithm.
async fn sign(app: &TestApp, algorithm: Algorithm) -> String {
    let tenant = app.app.tenant("default").await.unwrap().unwrap();
    let keys = app.app.all_keys(tenant.0.id).await.unwrap();
    let claims = json!({ "sub": "ada" }).to_string();
    keys.sign(algorithm, TokenType::Id, claims.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_key_is_published_a_day_before_it_signs_and_until_its_last_token_has_ended() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let first = kid_of(&owner);
    let list = owner.post(ROTATE, &json!({ "algorithm": "EdDSA" })).await.expect(200);
    let made = states_in(&list, "EdDSA");
    let second = made[0].0.clone();
    assert_eq!(
        made,
        [
            (second.clone(), "next".to_owned()),
            (first.clone(), "active".to_owned())
        ]
    );
    let keys = published(&tenant).await;
    assert!(kids(&keys).contains(&first) && kids(&keys).contains(&second));

    let again = owner.post(ROTATE, &json!({ "algorithm": "EdDSA" })).await.expect(200);
    assert_eq!(states_in(&again, "EdDSA"), made, "there is a next key already");
    app.work().await;
    app.advance(24 * HOUR - 1);
    app.work().await;
    assert_eq!(kid_of(&tenant.owner().await), first, "its time has not come");

    app.advance(1);
    app.work().await;
    let owner = tenant.owner().await;
    assert_eq!(kid_of(&owner), second);
    let now = states(&owner, "EdDSA").await;
    assert_eq!(
        now,
        [
            (second.clone(), "active".to_owned()),
            (first.clone(), "retiring".to_owned())
        ]
    );
    assert!(kids(&published(&tenant).await).contains(&first));

    app.advance(48 * HOUR);
    app.work().await;
    let owner = tenant.owner().await;
    let now = states(&owner, "EdDSA").await;
    assert_eq!(
        now,
        [(second, "active".to_owned()), (first.clone(), "retired".to_owned())]
    );
    assert!(!kids(&published(&tenant).await).contains(&first));
    let whole = "select count(*) from signing_key where state = 'retired' and length(sealed_private) > 0";
    assert_eq!(app.count(whole).await, 0, "the private half is destroyed");
}

#[tokio::test]
async fn keys_are_made_after_the_founding_and_rotated_every_90_days_by_themselves() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    app.mind_keys().await;
    let owner = tenant.owner().await;
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let made = states(&owner, algorithm).await;
        assert_eq!(made.len(), 1, "{algorithm}");
        assert_eq!(made[0].1, "active");
    }
    let first = kid_of(&owner);
    for (days, expected) in [
        (88, &["active"][..]),
        (1, &["next", "active"]),
        (1, &["active", "retiring"]),
        (2, &["active", "retired"]),
        (86, &["active", "retired"]),
        (1, &["next", "active", "retired"]),
    ] {
        app.advance(days * 24 * HOUR);
        app.work().await;
        let owner = tenant.owner().await;
        for algorithm in ["RS256", "ES256", "EdDSA"] {
            let found = states(&owner, algorithm).await;
            let found: Vec<_> = found.iter().map(|(_, state)| state.as_str()).collect();
            assert_eq!(found, expected, "{algorithm}");
        }
    }
    app.advance(366 * 24 * HOUR);
    app.work().await;
    let owner = tenant.owner().await;
    let left = states(&owner, "EdDSA").await;
    assert!(
        left.iter().all(|(kid, _)| *kid != first),
        "after a year it is forgotten"
    );
}

/// Decides when keys are rotated.
async fn decide(owner: &Person<'_>, (automatic, period_days, lead_days): (bool, u32, u32)) -> Reply {
    let spec = json!({ "automatic": automatic, "periodDays": period_days, "leadDays": lead_days });
    let policy = owner.request(Method::PUT, "/apis/console/v1alpha1/policies/signing-keys");
    owner.send(policy.json(&json!({ "spec": spec }))).await
}

#[tokio::test]
async fn keys_are_rotated_when_the_policy_says_so_and_only_by_hand_if_it_says_that() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    app.mind_keys().await;
    let is_now = async |days: i64, expected: &[&str]| {
        app.advance(days * 24 * HOUR);
        app.work().await;
        let found = states(&tenant.owner().await, "EdDSA").await;
        let found: Vec<_> = found.iter().map(|(_, state)| state.as_str()).collect();
        assert_eq!(found, expected, "{days} days later");
    };
    let owner = tenant.owner().await;
    let wrong = decide(&owner, (true, 30, 30)).await;
    assert_eq!(wrong.expect(400)["errors"][0]["field"], "spec.leadDays");
    decide(&owner, (true, 40, 10)).await.expect(200);
    is_now(29, &["active"]).await;
    is_now(1, &["next", "active"]).await;
    is_now(9, &["next", "active"]).await;
    is_now(1, &["active", "retiring"]).await;

    decide(&tenant.owner().await, (false, 40, 10)).await.expect(200);
    is_now(2, &["active", "retired"]).await;
    is_now(300, &["active", "retired"]).await;
    let by_hand = json!({ "algorithm": "EdDSA" });
    tenant.owner().await.post(ROTATE, &by_hand).await.expect(200);
    is_now(9, &["next", "active", "retired"]).await;
    is_now(1, &["active", "retiring", "retired"]).await;

    // The job that was to look again in months looks as early as the new policy wants it.
    is_now(8, &["active", "retired", "retired"]).await;
    decide(&tenant.owner().await, (true, 7, 1)).await.expect(200);
    is_now(0, &["next", "active", "retired", "retired"]).await;
    is_now(1, &["active", "retiring", "retired", "retired"]).await;
}

#[tokio::test]
async fn whoever_keeps_the_published_keys_for_half_a_day_never_fails_to_verify() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    app.mind_keys().await;
    let (mut kept, mut tokens, mut used) = (published(&tenant).await, vec![], std::collections::BTreeSet::new());
    for _ in 0..200 {
        app.advance(12 * HOUR);
        app.work().await;
        for algorithm in Algorithm::ALL {
            tokens.push(sign(&app, algorithm).await);
        }
        // Those of this moment, and of the two before: the longest that a token lasts is a day.
        for token in &tokens {
            verify(token, &kept);
            used.insert(decode(token).0["kid"].to_string());
        }
        tokens.drain(..tokens.len().saturating_sub(6));
        kept = published(&tenant).await;
    }
    assert_eq!(used.len(), 6, "each was rotated once in a hundred days");
}

#[tokio::test]
async fn a_key_that_others_know_is_withdrawn_at_once_and_its_tokens_are_dead() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let old = kids(&published(&tenant).await);
    owner.get(ME).await.expect(200);
    let body = json!({ "compromised": true });
    owner.post(ROTATE, &body).await.expect(200);

    owner.get(ME).await.expect_problem(401, "unauthenticated");
    let new = kids(&published(&tenant).await);
    assert!(new.iter().all(|kid| !old.contains(kid)), "{old:?} {new:?}");
    assert_eq!(new.len(), 3);
    let whole = "select count(*) from signing_key where state = 'retired' and length(sealed_private) > 0";
    assert_eq!(app.count(whole).await, 0);
    let owner = tenant.owner().await;
    owner.get(ME).await.expect(200);
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?action=signing-keys:rotate")
        .await;
    let events = events.expect(200);
    assert_eq!(events["items"][0]["actor"], "admin", "{events}");
    assert_eq!(events["items"][0]["changes"].as_array().unwrap().len(), 6, "{events}");
}

#[tokio::test]
async fn another_server_sees_at_once_that_a_key_was_withdrawn() {
    if !is_postgres() {
        // A directory of SQLite files has one server.
        return;
    }
    // Both are one issuer.
    let public = |config: &mut Config| config.public_url = Some("http://tenantry.test".parse().unwrap());
    let app = TestApp::start_with(public).await;
    let here = app.default_tenant();
    let there = Tenant {
        app: &app,
        base: app.start_another().await,
    };
    let owner = here.owner().await;
    let seen = Person {
        tenant: there.clone(),
        ..owner.clone()
    };
    seen.get(ME).await.expect(200);
    // A token that the other server has not seen, only its key.
    let unseen = Person {
        tenant: there.clone(),
        ..here.owner().await
    };
    owner.post(ROTATE, &json!({ "compromised": true })).await.expect(200);
    seen.get(ME).await.expect_problem(401, "unauthenticated");
    unseen.get(ME).await.expect_problem(401, "unauthenticated");
    app.advance(1);
    assert_eq!(published(&here).await, published(&there).await);
    let owner = Person {
        tenant: there,
        ..here.owner().await
    };
    owner.get(ME).await.expect(200);
}

#[tokio::test]
async fn an_operator_rotates_keys_by_command_beside_the_server() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[("TENANTRY_ADMIN_PASSWORD", PASSWORD)]);
    let get = async |token: &str| {
        let request = client().get(format!("{}{ME}", program.base)).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let token = program.owner_token().await;
    assert_eq!(get(&token).await, 200);

    let said = run(&database, &["key", "rotate", "--algorithm", "eddsa"], "");
    assert!(said.status.success(), "{said:?}");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("next") && said.contains("active"), "{said}");
    assert_eq!(get(&token).await, 200);

    let said = run(
        &database,
        &["key", "rotate", "--tenant", "default", "--compromised"],
        "",
    );
    assert!(said.status.success(), "{said:?}");
    assert_eq!(get(&token).await, 401, "what a command does holds when it ends");
    let listed = run(&database, &["key", "list"], "");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert_eq!(listed.matches("EdDSA      retired ").count(), 2, "{listed}");
    assert_eq!(listed.matches(" active ").count(), 3, "{listed}");
    assert!(!listed.contains(" next ") && !listed.contains(" retiring "), "{listed}");
    let wrong = run(&database, &["key", "rotate", "--algorithm", "HS256"], "");
    assert!(!wrong.status.success());
    drop(program);
    database.end();
}
