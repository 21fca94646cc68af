//! Programs that call for themselves: what they may, and what only people may.

use super::{APPLICATIONS, client::peer, event, make};
use crate::support::{TestApp, roles::USERS};
use chrono::TimeDelta;
use serde_json::json;
use tenantry::{
    access::{
        Who,
        permission::{ApplicationsCreate, Permission, UsersList, UsersUpdate},
        principal::{Credential, Grant, Scope},
    },
    application::{self, kind::Preset, spec::Spec},
    context::{Person, RequestContext, Signed, UnknownCaller},
    kit::error::{Code, Result},
};

/// A request of the application of this name for itself, by a token that was found good.
async fn call<P: Permission>(app: &TestApp, name: &str) -> Result<RequestContext> {
    let server = &app.app;
    let tenant = server.tenant("default").await.unwrap().unwrap().0;
    let grant = Grant {
        expires_at: app.clock.now() + TimeDelta::minutes(5),
        scope: Scope::All,
        revocable: None,
    };
    let token = Credential::Application(name.to_owned(), grant);
    let unknown = UnknownCaller::new::<P>(server.services.clone(), tenant, peer());
    unknown.authenticate(&token).await?.permit(true).await
}

async fn code_of<P: Permission>(app: &TestApp, name: &str) -> Option<Code> {
    call::<P>(app, name).await.err().map(|error| error.code())
}

#[tokio::test]
async fn an_application_may_do_what_its_roles_permit_as_long_as_it_is_enabled() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "cron", "machine", json!({ "roles": ["support"] })).await;
    make(&owner, "idle", "machine", json!({})).await;
    let context = call::<UsersList>(&app, "cron").await.unwrap();
    let who = context.who.as_ref().unwrap();
    assert!(matches!(who.who, Who::Application(_)));
    assert_eq!(
        (who.name.as_str(), &who.roles[..]),
        ("client:cron", &["support".to_owned()][..])
    );
    assert_eq!(code_of::<UsersUpdate>(&app, "cron").await, Some(Code::Forbidden));
    assert_eq!(code_of::<UsersList>(&app, "idle").await, Some(Code::Forbidden));
    assert_eq!(code_of::<UsersList>(&app, "nobody").await, Some(Code::Unauthenticated));

    let disable = format!("{APPLICATIONS}/cron/disable");
    owner.post(&disable, &json!({})).await.expect(200);
    assert_eq!(code_of::<UsersList>(&app, "cron").await, Some(Code::Unauthenticated));
    // A denial is kept, by its name.
    let list = owner
        .get("/apis/console/v1alpha1/audit-events?actor=client:cron")
        .await
        .expect(200);
    assert_eq!(list["items"][0]["outcome"], "denied", "{list}");
}

#[tokio::test]
async fn a_write_of_an_application_asks_again_what_it_may_and_is_in_the_trail_under_its_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "cron", "machine", json!({ "roles": ["application-manager"] })).await;
    let create = async |caller: &Signed, name: &str, roles: &[&str]| {
        let name = name.parse().unwrap();
        let mut spec = Spec::new(Preset::Machine, "Made".parse().unwrap());
        spec.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        caller
            .act(async |tx, authority| application::create(tx, &authority, (&name, Preset::Machine), spec, &[]).await)
            .await
            .map(drop)
            .map_err(|error| error.code())
    };
    let cron = Signed::new(call::<ApplicationsCreate>(&app, "cron").await.unwrap()).unwrap();
    assert_eq!(create(&cron, "made", &[]).await, Ok(()));
    let said = event(&owner, "applications:create").await;
    assert_eq!(
        (&said["actor"], &said["outcome"]),
        (&json!("client:cron"), &json!("done")),
        "{said}"
    );
    assert_eq!(create(&cron, "more", &["owner"]).await, Err(Code::Escalation));

    // What it was permitted when the request came, it no longer is.
    let taken = json!({ "spec": { "roles": [] } });
    let request = owner.request(reqwest::Method::PATCH, &format!("{APPLICATIONS}/cron"));
    owner.send(request.json(&taken)).await.expect(200);
    assert_eq!(create(&cron, "late", &[]).await, Err(Code::Forbidden));
    let request = owner.request(reqwest::Method::DELETE, &format!("{APPLICATIONS}/cron"));
    owner.send(request).await.expect(204);
    assert_eq!(create(&cron, "later", &[]).await, Err(Code::Unauthenticated));
}

#[tokio::test]
async fn an_application_has_no_account_of_its_own() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "root", "machine", json!({ "roles": ["owner"] })).await;
    let context = call::<UsersUpdate>(&app, "root").await.unwrap();
    let refused = context.require_own::<UsersUpdate>().await.unwrap_err();
    assert_eq!(refused.code(), Code::PersonRequired);
    let person = Person::new(Signed::new(context).unwrap());
    assert_eq!(person.err().unwrap().code(), Code::PersonRequired);
    // It is no owner whom a tenant could keep: the last one is a person.
    let last = owner
        .post(&format!("{USERS}/admin/permissions"), &json!({ "roles": [] }))
        .await;
    last.expect_problem(409, "last_owner");
}
