//! Tenants that operators found, stop and delete.

use super::{TENANTS, found, invited, new_tenant, token, with_relay};
use crate::{
    contract,
    support::{
        TestApp,
        roles::{CONSOLE, count_events, make_person, roles_of, wrong_fields},
    },
};
use reqwest::Method;
use serde_json::json;
use tenantry::{
    kit::db::{Mode, SystemTx},
    tenant,
};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn an_operator_founds_a_tenant_whose_owner_is_invited_and_chooses_a_password() {
    let (mut app, mut relay) = with_relay().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    let made = operator.post(TENANTS, &new_tenant("acme")).await.expect(200);
    assert_eq!(made["status"]["state"], "active");
    assert_eq!(made["status"]["url"], format!("{}/t/acme", app.base));
    app.work().await;
    let mail = relay.next();
    assert_eq!(mail["to"], json!(["owner@acme.example"]), "{mail}");

    let acme = app.tenant_at("/t/acme");
    let sign_up = acme
        .anybody()
        .post("/v1/register", &invited("ada", "acme", &token(&mail)))
        .await;
    sign_up.expect(200);
    let ada = acme.sign_in("ada").await;
    assert_eq!(roles_of(&ada, "ada").await, ["owner"]);
    // The trail of both says so.
    let there = ada
        .get(&format!("{CONSOLE}/audit-events?action=tenants:create"))
        .await
        .expect(200);
    assert_eq!(there["items"].as_array().unwrap().len(), 1, "{there}");
    let here = operator
        .get(&format!("{CONSOLE}/audit-events?action=tenants:create"))
        .await
        .expect(200);
    assert_eq!(here["items"][0]["object"], "acme", "{here}");
}

#[tokio::test]
async fn the_first_owner_is_invited_again_until_there_is_one() {
    let (mut app, mut relay) = with_relay().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    found(&operator, &mut relay, "acme").await;
    // The invitation ran out.
    app.advance(8 * DAY);
    let operator = app.default_tenant().owner().await;
    let again = json!({ "email": "owner@acme.example", "language": "zh" });
    let path = format!("{TENANTS}/acme/invite-owner");
    operator.post(&path, &again).await.expect(204);
    app.work().await;
    let token = token(&relay.next());
    let acme = app.tenant_at("/t/acme");
    let sign_up = acme
        .anybody()
        .post("/v1/register", &invited("ada", "acme", &token))
        .await;
    sign_up.expect(200);
    operator
        .post(&path, &again)
        .await
        .expect_problem(409, "tenant_has_owner");
    let nowhere = format!("{TENANTS}/nowhere/invite-owner");
    operator
        .post(&nowhere, &again)
        .await
        .expect_problem(404, "tenant_not_found");
}

#[tokio::test]
async fn a_name_is_one_tenants_and_some_are_nobodys() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    operator.post(TENANTS, &new_tenant("acme")).await.expect(200);
    let again = operator.post(TENANTS, &new_tenant("acme")).await;
    again.expect_problem(409, "tenant_name_taken");
    for name in ["default", "system", "api", "www", "admin", "login"] {
        let refused = operator.post(TENANTS, &new_tenant(name)).await;
        assert_eq!(wrong_fields(refused), ["metadata.name"], "{name}");
    }
    for name in ["Acme", "a b", "-a", "a_b", "", "ä", "../x", &"a".repeat(41)] {
        let refused = operator.post(TENANTS, &new_tenant(name)).await;
        assert_eq!(wrong_fields(refused)[0], "metadata.name", "{name}");
    }
    let list = operator.get(&format!("{TENANTS}?keyword=ACM")).await.expect(200);
    assert_eq!(list["items"][0]["metadata"]["name"], "acme");
    assert_eq!(list["total"], 1);
    let none = operator.get(&format!("{TENANTS}?keyword=%25")).await.expect(200);
    assert_eq!(none["total"], 0, "a sign of the pattern is a sign");
    let stopped = format!("{TENANTS}?fieldSelector=status.state=suspended");
    assert_eq!(operator.get(&stopped).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn operators_are_users_of_the_default_tenant_with_the_permission_alone() {
    let app = TestApp::start().await;
    let (default, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (operator, owner) = (default.owner().await, acme.owner().await);
    // Who may do everything in another tenant is nobody here, and there the group is not.
    owner.get(TENANTS).await.expect_problem(404, "not_found");
    owner
        .post(TENANTS, &new_tenant("b"))
        .await
        .expect_problem(404, "not_found");
    let by_token = default.anybody().request(Method::GET, TENANTS);
    let by_token = by_token.bearer_auth(owner.tokens["accessToken"].as_str().unwrap());
    default
        .anybody()
        .send(by_token)
        .await
        .expect_problem(401, "unauthenticated");
    default
        .anybody()
        .get(TENANTS)
        .await
        .expect_problem(401, "unauthenticated");
    let manager = make_person(&operator, "mia", "user-manager").await;
    manager.get(TENANTS).await.expect_problem(403, "forbidden");
    // The role is enough, and gives nothing else.
    let otto = make_person(&operator, "otto", "operator").await;
    assert_eq!(otto.get(TENANTS).await.expect(200)["total"], 2);
    otto.get(&format!("{CONSOLE}/users"))
        .await
        .expect_problem(403, "forbidden");
    let there = otto.tokens["accessToken"].as_str().unwrap();
    let inside = acme
        .anybody()
        .request(Method::GET, &format!("{CONSOLE}/users"))
        .bearer_auth(there);
    acme.anybody().send(inside).await.expect_problem(401, "unauthenticated");
    otto.post(&format!("{TENANTS}/default/suspend"), &json!({}))
        .await
        .expect_problem(409, "default_tenant");
    otto.delete(&format!("{TENANTS}/default?confirm=default"))
        .await
        .expect_problem(409, "default_tenant");
}

#[tokio::test]
async fn what_a_tenant_is_called_changes_for_everybody_who_read_it_as_it_is() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let operator = app.default_tenant().owner().await;
    let path = format!("{TENANTS}/acme");
    let patch = async |body: serde_json::Value, condition: &str| {
        let request = operator.request(Method::PATCH, &path).json(&body);
        operator.send(request.header("if-match", condition)).await
    };
    let changed = patch(json!({ "spec": { "displayName": "Acme Ltd" } }), "*")
        .await
        .expect(200);
    assert_eq!(
        (&changed["metadata"]["version"], &changed["spec"]["displayName"]),
        (&json!(2), &json!("Acme Ltd"))
    );
    let stale = patch(json!({ "spec": { "displayName": "Other" } }), "\"1\"").await;
    stale.expect_problem(412, "precondition_failed");
    let stale = patch(
        json!({ "metadata": { "version": 1 }, "spec": { "displayName": "Other" } }),
        "*",
    )
    .await;
    stale.expect_problem(409, "version_conflict");
    let events = count_events(&operator).await;
    let same = patch(json!({ "spec": { "displayName": "Acme Ltd" } }), "\"2\"")
        .await
        .expect(200);
    assert_eq!(same["metadata"]["version"], 2);
    assert_eq!(count_events(&operator).await, events, "nothing was done");
    app.advance(2);
    let told = app
        .tenant_at("/t/acme")
        .anybody()
        .get(&format!("{CONSOLE}/tenant"))
        .await
        .expect(200);
    assert_eq!(told["displayName"], "Acme Ltd");
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_and_its_keys_are_still_read() {
    let (app, mut relay) = with_relay().await;
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    let suspend = format!("{TENANTS}/acme/suspend");
    let stopped = operator
        .post(&suspend, &json!({ "reason": "Unpaid" }))
        .await
        .expect(200);
    assert_eq!(
        (&stopped["status"]["state"], &stopped["status"]["reason"]),
        (&json!("suspended"), &json!("Unpaid"))
    );
    app.advance(2);
    owner
        .get(&format!("{CONSOLE}/users"))
        .await
        .expect_problem(403, "tenant_suspended");
    let anybody = acme.anybody();
    let sign_in = json!({ "username": "admin", "password": crate::support::PASSWORD });
    anybody
        .post("/v1/login", &sign_in)
        .await
        .expect_problem(403, "tenant_suspended");
    let keys = anybody.get("/.well-known/jwks.json").await.expect(200);
    assert!(!keys["keys"].as_array().unwrap().is_empty());
    anybody.get("/.well-known/openid-configuration").await.expect(200);

    operator
        .post(&format!("{TENANTS}/acme/resume"), &json!({}))
        .await
        .expect(200);
    app.advance(2);
    owner.get(&format!("{CONSOLE}/users")).await.expect(200);
    // What was wanted before waits meanwhile, and is done then.
    let invite = json!({ "spec": { "email": "ada@example.com" } });
    owner.post(&format!("{CONSOLE}/invitations"), &invite).await.expect(200);
    operator.post(&suspend, &json!({})).await.expect(200);
    assert_eq!(app.work().await, 0, "its jobs wait");
    operator
        .post(&format!("{TENANTS}/acme/resume"), &json!({}))
        .await
        .expect(200);
    assert_eq!(app.work().await, 1);
    assert_eq!(relay.next()["to"], json!(["ada@example.com"]));
}

#[tokio::test]
async fn a_tenant_that_is_deleted_can_be_kept_for_seven_days_and_then_nothing_of_it_is_left() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    contract::make_attachment(&owner, "a.png").await;
    let id = app.app.find_tenant("acme").await.unwrap().unwrap().id;
    let kept = async || app.app.files.list(&id.to_string()).await.unwrap().len();
    assert_eq!(kept().await, 1);
    let operator = app.default_tenant().owner().await;
    let path = format!("{TENANTS}/acme");
    for wrong in ["", "?confirm=", "?confirm=Acme", "?confirm=default"] {
        let refused = operator.delete(&format!("{path}{wrong}")).await;
        assert_eq!(wrong_fields(refused), ["confirm"], "{wrong}");
    }
    let delete = format!("{path}?confirm=acme");
    let deleted = operator.delete(&delete).await.expect(200);
    assert_eq!(deleted["status"]["state"], "deleting");
    app.advance(2);
    owner
        .get(&format!("{CONSOLE}/users"))
        .await
        .expect_problem(404, "tenant_not_found");
    operator
        .post(&format!("{path}/suspend"), &json!({}))
        .await
        .expect_problem(409, "tenant_deleting");
    operator
        .post(TENANTS, &new_tenant("acme"))
        .await
        .expect_problem(409, "tenant_name_taken");

    app.advance(6 * DAY);
    let operator = app.default_tenant().owner().await;
    let again = operator.post(&format!("{path}/undelete"), &json!({})).await.expect(200);
    assert_eq!(again["status"]["state"], "active");
    app.advance(2 * DAY);
    app.work().await;
    let owner = acme.owner().await;
    owner.get(&format!("{CONSOLE}/users")).await.expect(200);
    assert_eq!(kept().await, 1, "what was to remove it finds it kept");

    let operator = app.default_tenant().owner().await;
    operator.delete(&delete).await.expect(200);
    app.advance(7 * DAY + 1);
    app.work().await;
    let operator = app.default_tenant().owner().await;
    operator.get(&path).await.expect_problem(404, "tenant_not_found");
    assert_eq!(kept().await, 0);
    operator
        .post(TENANTS, &new_tenant("acme"))
        .await
        .expect_problem(409, "tenant_name_taken");
    app.advance(91 * DAY);
    let operator = app.default_tenant().owner().await;
    operator.post(TENANTS, &new_tenant("acme")).await.expect(200);
}

#[tokio::test]
async fn a_founding_that_was_cut_off_is_gone_on_with() {
    let (mut app, mut relay) = with_relay().await;
    app.abandon_jobs();
    let display_name = "Acme".parse().unwrap();
    let begin = async |tx: &SystemTx| tenant::begin(tx, "acme", &display_name).await;
    let begun = app
        .app
        .services
        .db
        .run_system(Mode::Write, begin)
        .await
        .unwrap()
        .unwrap();
    let operator = app.default_tenant().owner().await;
    let path = format!("{TENANTS}/acme");
    assert_eq!(operator.get(&path).await.expect(200)["status"]["state"], "founding");
    let acme = app.tenant_at("/t/acme");
    acme.anybody()
        .get(&format!("{CONSOLE}/tenant"))
        .await
        .expect_problem(404, "tenant_not_found");
    // Somebody may be at it.
    operator
        .post(TENANTS, &new_tenant("acme"))
        .await
        .expect_problem(503, "busy");
    app.advance(61);
    let token = found(&operator, &mut relay, "acme").await;
    let row = app.app.find_tenant("acme").await.unwrap().unwrap();
    assert_eq!(row.id, begun.id, "it is the same one");
    acme.anybody()
        .post("/v1/register", &invited("ada", "acme", &token))
        .await
        .expect(200);
    // Nothing is there twice.
    operator
        .post(TENANTS, &new_tenant("acme"))
        .await
        .expect_problem(409, "tenant_name_taken");
}

#[tokio::test]
async fn of_many_who_found_the_same_tenant_one_does() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    let new = new_tenant("acme");
    let crowd = (0..crate::support::CROWD).map(|_| operator.post(TENANTS, &new));
    let answers = futures_util::future::join_all(crowd).await;
    let done = answers.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(done, 1);
    for refused in answers.into_iter().filter(|reply| reply.status != 200) {
        assert!([409, 503].contains(&refused.status.as_u16()), "{}", refused.text);
    }
    let list = operator.get(TENANTS).await.expect(200);
    assert_eq!(list["total"], 2);
}
