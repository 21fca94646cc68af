//! What the tenant asks of people, what they may do in it, and where: it is the one organisation.

use super::ME;
use crate::{
    provider::use_provider,
    support::{Person, TestApp, roles::CONSOLE},
};
use serde_json::{Value, json};

const AUTH: &str = "/auth/v1";

async fn decide(owner: &Person<'_>, policy: &str, spec: Value) {
    let path = format!("{CONSOLE}/policies/{policy}");
    owner.put(&path, &json!({ "spec": spec })).await.expect(200);
}

async fn policy(of: &Person<'_>, name: &str) -> Value {
    of.get(&format!("{AUTH}/policies/{name}")).await.expect(200)["policy"].take()
}

#[tokio::test]
async fn policies_are_those_of_the_tenant() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up_proven("ada").await);
    let complexity = policy(&ada, "passwords/complexity").await;
    assert_eq!(complexity["minLength"], "15");
    assert_eq!([&complexity["isDefault"], &complexity["hasNumber"]], [true, false]);
    let login = policy(&ada, "login").await;
    assert_eq!([&login["isDefault"], &login["allowRegister"]], [true, true]);
    assert_eq!(
        [&login["allowExternalIdp"], &login["allowUsernamePassword"]],
        [false, true]
    );
    assert_eq!(login["passwordCheckLifetime"], "2592000s");
    let label = policy(&ada, "label").await;
    assert_eq!([&label["isDefault"], &label["logoUrl"]], [&json!(true), &Value::Null]);
    assert_eq!(policy(&ada, "privacy").await, json!({ "isDefault": true }));

    let id = use_provider(&owner, "ada", "corp", "1").await;
    decide(&owner, "password", json!({ "preset": "legacy-classes" })).await;
    decide(&owner, "sign-up", json!({ "mode": "invited" })).await;
    let lasts = json!({ "accessTokenSeconds": 600, "idleSeconds": 600, "absoluteSeconds": 1200, "mostPerUser": 9 });
    decide(&owner, "sessions", lasts).await;
    let links = json!({
        "color": "#112233", "logoUrl": "https://www.example.com/logo.png", "homeUrl": "https://www.example.com",
        "contactEmail": "help@example.com", "helpUrl": "https://www.example.com/help",
        "termsUrl": "https://www.example.com/terms", "privacyUrl": "https://www.example.com/privacy",
    });
    decide(&owner, "branding", links).await;
    let complexity = policy(&ada, "passwords/complexity").await;
    let all = json!({
        "minLength": "8", "hasUppercase": true, "hasLowercase": true, "hasNumber": true, "hasSymbol": true,
        "isDefault": false,
    });
    assert_eq!(complexity, all);
    let login = policy(&ada, "login").await;
    assert_eq!([&login["isDefault"], &login["allowRegister"]], [false, false]);
    assert_eq!(login["externalLoginCheckLifetime"], "1200s");
    assert_eq!(login["defaultRedirectUri"], "https://www.example.com");
    let corp = &login["idps"][0];
    assert_eq!(
        [&corp["idpId"], &corp["idpType"]],
        [&json!(id), &json!("IDP_TYPE_OIDC")]
    );
    assert_eq!(policy(&ada, "label").await["primaryColor"], "#112233");
    let privacy = policy(&ada, "privacy").await;
    let links = json!({
        "tosLink": "https://www.example.com/terms", "privacyLink": "https://www.example.com/privacy",
        "helpLink": "https://www.example.com/help", "supportEmail": "help@example.com", "isDefault": false,
    });
    assert_eq!(privacy, links);
    tenant
        .anybody()
        .get(&format!("{AUTH}/policies/login"))
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn health_is_told_to_anybody_and_languages_to_those_who_are_signed_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (nobody, ada) = (tenant.anybody(), tenant.sign_up("ada").await);
    app.work().await;
    assert_eq!(nobody.get(&format!("{AUTH}/healthz")).await.expect(200), json!({}));
    let languages = format!("{AUTH}/languages");
    nobody.get(&languages).await.expect_problem(401, "unauthenticated");
    assert_eq!(
        ada.get(&languages).await.expect(200),
        json!({ "languages": ["en", "zh"] })
    );
}

async fn search(of: &Person<'_>, what: &str, asked: &Value) -> Value {
    of.post(&format!("{AUTH}/{what}/_search"), asked).await.expect(200)
}

#[tokio::test]
async fn the_tenant_is_the_one_organisation_with_ones_roles() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (owner, ada) = (acme.owner().await, acme.sign_up("ada").await);
    app.work().await;
    let grant = format!("{CONSOLE}/users/ada/permissions");
    owner.post(&grant, &json!({ "roles": ["support"] })).await.expect(200);
    let me = ada.get(ME).await.expect(200)["user"].take();
    let (id, org) = (&me["id"], &me["details"]["resourceOwner"]);
    let roles = json!(["support", "user"]);

    assert_eq!(search(&ada, "permissions/me", &json!({})).await["result"], roles);
    let permissions = search(&ada, "permissions/zitadel/me", &json!({})).await;
    let own = ada.get(&format!("{CONSOLE}/users/-/permissions")).await.expect(200);
    assert_eq!(permissions["result"], own["uiPermissions"]);

    let memberships = search(&ada, "memberships/me", &json!({})).await;
    assert_eq!(memberships["details"]["totalResult"], "1");
    let of = &memberships["result"][0];
    assert_eq!([&of["userId"], &of["orgId"], &of["roles"]], [id, org, &roles]);
    let grants = search(&ada, "usergrants/me", &json!({})).await;
    let of = &grants["result"][0];
    assert_eq!([&of["userId"], &of["orgId"], &of["roleKeys"]], [id, org, &roles]);
    assert_eq!(
        [&of["state"], &of["userType"]],
        ["USER_GRANT_STATE_ACTIVE", "TYPE_HUMAN"]
    );
    let orgs = search(&ada, "global/projectorgs", &json!({})).await;
    let of = &orgs["result"][0];
    assert_eq!([&of["id"], &of["state"]], [org, &json!("ORG_STATE_ACTIVE")]);
    assert_eq!(of["name"], memberships["result"][0]["displayName"]);
    assert_eq!(of["primaryDomain"], "127.0.0.1");

    let past = json!({ "query": { "offset": "1" } });
    for what in ["memberships/me", "usergrants/me", "global/projectorgs"] {
        let answer = search(&ada, what, &past).await;
        assert_eq!(
            [&answer["result"], &answer["details"]["totalResult"]],
            [&json!([]), &json!("1")]
        );
    }
}

#[tokio::test]
async fn memberships_and_organisations_are_looked_for_by_what_they_are() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let ada = acme.sign_up("ada").await;
    app.work().await;
    let org = ada.get(ME).await.expect(200)["user"]["details"]["resourceOwner"].take();
    let name = search(&ada, "global/projectorgs", &json!({})).await["result"][0]["name"].take();
    let begins = json!({ "name": "a", "method": "TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE" });
    for (what, queries, found) in [
        ("memberships/me", json!([{ "orgQuery": { "orgId": org } }]), true),
        (
            "memberships/me",
            json!([{ "orgQuery": { "orgId": "ten_other" } }]),
            false,
        ),
        ("memberships/me", json!([{ "iamQuery": { "iam": true } }]), false),
        (
            "memberships/me",
            json!([{ "projectQuery": { "projectId": "1" } }]),
            false,
        ),
        (
            "memberships/me",
            json!([{ "projectGrantQuery": { "projectGrantId": "1" } }]),
            false,
        ),
        (
            "memberships/me",
            json!([{ "iamQuery": {} }, { "orgQuery": { "orgId": org } }]),
            true,
        ),
        ("global/projectorgs", json!([{ "nameQuery": { "name": name } }]), true),
        ("global/projectorgs", json!([{ "nameQuery": begins }]), true),
        ("global/projectorgs", json!([{ "idQuery": { "id": org } }]), true),
        ("global/projectorgs", json!([{ "idQuery": { "id": "" } }]), false),
        (
            "global/projectorgs",
            json!([{ "stateQuery": { "state": "ORG_STATE_REMOVED" } }]),
            false,
        ),
        (
            "global/projectorgs",
            json!([{ "domainQuery": { "domain": "127.0.0.1" } }, { "nameQuery": { "name": "other" } }]),
            false,
        ),
    ] {
        let answer = search(&ada, what, &json!({ "queries": queries })).await;
        let total = ["0", "1"][usize::from(found)];
        assert_eq!(answer["details"]["totalResult"], total, "{what} {queries}");
    }
    let two = json!([{ "idQuery": { "id": org }, "stateQuery": { "state": "ORG_STATE_ACTIVE" } }]);
    for queries in [two, json!([{}]), json!([{ "stateQuery": {} }])] {
        ada.post(
            &format!("{AUTH}/global/projectorgs/_search"),
            &json!({ "queries": queries }),
        )
        .await
        .expect_problem(400, "invalid");
    }
}
