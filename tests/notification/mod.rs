//! Who is told of what happens to a tenant.

mod policy;
mod quotas;

use crate::{
    provider::set_up,
    support::{
        Person, Tenant, TestApp,
        issuer::Issuer,
        roles::{CONSOLE, USERS, make_user},
    },
};
use serde_json::{Value, json};

pub(crate) const POLICY: &str = "/apis/console/v1alpha1/policies/notifications";

/// Has all be told that is to be told, and returns the messages of this kind, by where they go.
pub(crate) async fn told(tenant: &Tenant<'_>, kind: &str) -> Vec<Value> {
    tenant.app.advance(61);
    while tenant.app.work().await > 0 {}
    let path = format!("{CONSOLE}/messages?size=200&fieldSelector=spec.template={kind}");
    let list = tenant.owner().await.get(&path).await.expect(200);
    let mut specs: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["spec"].clone())
        .collect();
    specs.sort_by_key(|spec| spec["to"].to_string());
    specs
}

/// Where messages go.
pub(crate) fn addresses(told: &[Value]) -> Vec<&str> {
    told.iter().map(|spec| spec["to"].as_str().unwrap()).collect()
}

/// A subject, without what keeps mail programs from making links of names.
pub(crate) fn subject(spec: &Value) -> String {
    spec["subject"].as_str().unwrap().replace('\u{2060}', "")
}

/// Has these roles be told of one kind of event.
pub(crate) async fn decide(owner: &Person<'_>, event: &str, roles: &[&str], mail: bool) {
    let mut spec = owner.get(POLICY).await.expect(200)["spec"].take();
    spec[event] = json!({ "roles": roles, "mail": mail });
    owner.put(POLICY, &json!({ "spec": spec })).await.expect(200);
}

/// Makes a user with this role whose address is proven.
pub(crate) async fn make_proven(owner: &Person<'_>, name: &str, role: &str) {
    make_user(owner, name, role).await;
    let address = json!({ "email": format!("{name}@example.test"), "verified": true });
    let path = format!("{USERS}/{name}/email");
    owner.put(&path, &address).await.expect(200);
}

/// Lets people sign in through a new provider.
async fn add_provider(owner: &Person<'_>, name: &str) {
    let issuer = Issuer::start();
    set_up(owner, name, &issuer.base, json!({})).await;
}

#[tokio::test]
async fn owners_who_can_sign_in_and_have_proven_their_address_are_told_of_a_new_way_in_each_in_their_language() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_proven(&owner, "bob", "owner").await;
    let bob = tenant.sign_in("bob").await;
    let profile = json!({ "firstName": "Bob", "lastName": "Li", "displayName": "Bob", "preferredLanguage": "zh-CN" });
    bob.put("/auth/v1/users/me/profile", &profile).await.expect(200);
    make_proven(&owner, "manager", "mail-manager").await;
    make_user(&owner, "unproven", "owner").await;
    make_proven(&owner, "gone", "owner").await;
    owner
        .post(&format!("{USERS}/gone/disable"), &Value::Null)
        .await
        .expect(200);

    add_provider(&owner, "corp").await;
    let mails = told(&tenant, "sign_in_method").await;
    assert_eq!(addresses(&mails), ["admin@localhost", "bob@example.test"]);
    assert_eq!(
        (&mails[0]["language"], &mails[1]["language"]),
        (&json!("en"), &json!("zh"))
    );
    assert!(subject(&mails[0]).starts_with("Corp signs people in"), "{mails:?}");
    assert!(subject(&mails[1]).contains("已启用登录方式 Corp"), "{mails:?}");

    // Enabling what is enabled is nothing new.
    let enable = format!("{CONSOLE}/auth-providers/corp/enable");
    let owner = tenant.owner().await;
    owner.put(&enable, &Value::Null).await.expect(200);
    assert_eq!(told(&tenant, "sign_in_method").await.len(), 2);
}

#[tokio::test]
async fn nobody_is_told_of_what_the_policy_leaves_out_and_other_roles_are_where_it_names_them() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_proven(&owner, "helper", "support").await;
    decide(&owner, "signInMethod", &["owner"], false).await;
    add_provider(&owner, "quiet").await;
    assert!(told(&tenant, "sign_in_method").await.is_empty());
    let owner = tenant.owner().await;
    decide(&owner, "signInMethod", &[], true).await;
    add_provider(&owner, "silent").await;
    assert!(told(&tenant, "sign_in_method").await.is_empty());
    let owner = tenant.owner().await;
    decide(&owner, "signInMethod", &["support", "mail-manager"], true).await;
    add_provider(&owner, "loud").await;
    let mails = told(&tenant, "sign_in_method").await;
    assert_eq!(addresses(&mails), ["helper@example.test"]);
}

#[tokio::test]
async fn whoever_has_two_of_the_roles_is_told_once_in_the_words_of_the_tenant() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_proven(&owner, "helper", "support mail-manager").await;
    decide(&owner, "signInMethod", &["support", "mail-manager"], true).await;
    let own = json!({ "spec": {
        "subject": "Look at {{ provider }}",
        "text": "{{ provider }} at {{ tenant }}: {{ link }}",
        "html": "<p>{{ provider }}</p>",
    } });
    let path = format!("{CONSOLE}/message-templates/sign_in_method/en");
    owner.put(&path, &own).await.expect(200);
    add_provider(&owner, "corp").await;
    let mails = told(&tenant, "sign_in_method").await;
    assert_eq!(addresses(&mails), ["helper@example.test"]);
    assert_eq!(subject(&mails[0]), "Look at Corp");
    let inbox = tenant.owner().await.inbox("helper@example.test").await;
    assert!(
        inbox[0].text().contains("/console/sign-in-methods"),
        "{}",
        inbox[0].text()
    );
}
