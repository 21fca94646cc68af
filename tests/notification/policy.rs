//! The policy `notifications`.

use super::{POLICY, add_provider, addresses, told};
use crate::support::{
    TestApp,
    roles::{CONSOLE, make_role, patch, wrong_fields},
};
use serde_json::{Value, json};

const EVENTS: [&str; 7] = [
    "signInMethod",
    "domainFailing",
    "quotaNear",
    "backupOverdue",
    "backupDamaged",
    "backupDownloaded",
    "restored",
];

#[tokio::test]
async fn by_default_owners_are_mailed_of_everything() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let policy = owner.get(POLICY).await.expect(200);
    let told = json!({ "roles": ["owner"], "mail": true });
    let all: Value = EVENTS.iter().map(|event| ((*event).to_owned(), told.clone())).collect();
    assert_eq!(policy["spec"], all);
    assert_eq!(policy["status"]["isDefault"], true);
    assert_eq!(policy["status"]["inherited"]["restored.roles"], "default");
}

#[tokio::test]
async fn roles_that_there_are_not_and_too_many_are_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let spec = owner.get(POLICY).await.expect(200)["spec"].take();
    let with = |roles: Value| {
        let mut spec = spec.clone();
        spec["restored"] = json!({ "roles": roles, "mail": true });
        json!({ "spec": spec })
    };
    for roles in [json!(["nobody"]), json!(["owner", "nobody"]), json!(["anonymous"])] {
        let refused = owner.put(POLICY, &with(roles)).await;
        refused.expect_problem(400, "role_unknown");
    }
    let many: Vec<_> = (0..11).map(|number| format!("role-{number}")).collect();
    for (roles, field) in [
        (json!(many), "spec.restored.roles"),
        (json!("owner"), "spec.restored.roles"),
    ] {
        let refused = owner.put(POLICY, &with(roles)).await;
        assert_eq!(wrong_fields(refused), [field]);
    }
    make_role(&owner, "watcher", "", &[]).await;
    owner.put(POLICY, &with(json!(["watcher"]))).await.expect(200);
    // It may go, and what names it is changed without it.
    owner.delete(&format!("{CONSOLE}/roles/watcher")).await.expect(204);
    owner.put(POLICY, &with(json!(["owner"]))).await.expect(200);
}

#[tokio::test]
async fn the_group_of_settings_shows_the_policy_and_has_its_versions() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let group = format!("{CONSOLE}/systemconfigs/notifications");
    let off = json!({ "signInMethod": { "roles": ["owner"], "mail": false } });
    patch(&owner, &group, &off).await.expect(200);
    let policy = owner.get(POLICY).await.expect(200);
    assert_eq!(policy["spec"], owner.get(&group).await.expect(200));
    assert_eq!(policy["spec"]["signInMethod"]["mail"], false);
    let status = owner.get(&format!("{group}/status")).await.expect(200);
    let members = status["members"].as_array().unwrap();
    let source = |name: &str| {
        let member = members.iter().find(|member| member["name"] == name).unwrap();
        member["source"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (source("signInMethod").as_str(), source("restored").as_str()),
        ("tenant", "default")
    );
    let unknown = json!({ "restored": { "roles": ["nobody"], "mail": true } });
    patch(&owner, &group, &unknown)
        .await
        .expect_problem(400, "role_unknown");

    let back = json!({ "signInMethod": null });
    patch(&owner, &group, &back).await.expect(200);
    let versions = owner.get(&format!("{group}/versions")).await.expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 2, "{versions}");
    add_provider(&owner, "corp").await;
    assert_eq!(addresses(&told(&tenant, "sign_in_method").await), ["admin@localhost"]);
}
