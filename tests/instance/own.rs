//! What the instance decides for itself.

use super::{TENANTS, new_tenant, with_relay};
use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, patch, wrong_fields},
};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

async fn decide(operator: &Person<'_>, name: &str, spec: Value) -> Value {
    let path = format!("/apis/system/v1alpha1/settings/{name}");
    patch(operator, &path, &json!({ "spec": spec })).await.expect(200)
}

#[tokio::test]
async fn a_tenant_that_is_deleted_waits_as_long_as_the_instance_says() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    app.tenant("acme").await;
    let operator = app.default_tenant().owner().await;
    decide(&operator, "tenancy", json!({ "graceDays": 30 })).await;
    let acme = format!("{TENANTS}/acme");
    operator.delete(&format!("{acme}?confirm=acme")).await.expect(200);
    app.advance(29 * DAY);
    app.work().await;
    let operator = app.default_tenant().owner().await;
    let state = async |operator: &Person<'_>| operator.get(&acme).await.expect(200)["status"]["state"].take();
    assert_eq!(state(&operator).await, "deleting");
    operator.post(&format!("{acme}/undelete"), &json!({})).await.expect(200);
    assert_eq!(state(&operator).await, "active");
    operator.delete(&format!("{acme}?confirm=acme")).await.expect(200);
    app.advance(31 * DAY);
    app.work().await;
    let operator = app.default_tenant().owner().await;
    operator.get(&acme).await.expect_problem(404, "tenant_not_found");
}

#[tokio::test]
async fn a_new_tenant_has_the_quotas_of_the_instance_unless_its_founding_says_otherwise() {
    let (mut app, _relay) = with_relay().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    operator.post(TENANTS, &new_tenant("before")).await.expect(200);
    let quotas = json!({ "users": 5, "roles": 3, "attachmentBytes": 1_048_576 });
    let decided = decide(&operator, "tenancy", json!({ "defaultQuotas": quotas })).await;
    assert_eq!(decided["spec"], json!({ "graceDays": 7, "defaultQuotas": quotas }));
    operator.post(TENANTS, &new_tenant("acme")).await.expect(200);
    let mut other = new_tenant("other");
    other["spec"]["quotas"] = json!({ "roles": 9 });
    operator.post(TENANTS, &other).await.expect(200);
    for (tenant, expected) in [
        ("before", json!({})),
        ("acme", quotas.clone()),
        ("other", json!({ "users": 5, "roles": 9, "attachmentBytes": 1_048_576 })),
    ] {
        let path = format!("{TENANTS}/{tenant}/quotas");
        assert_eq!(operator.get(&path).await.expect(200)["spec"], expected, "{tenant}");
    }
    // One of them goes by itself.
    let decided = decide(&operator, "tenancy", json!({ "defaultQuotas": { "users": null } })).await;
    assert_eq!(
        decided["spec"]["defaultQuotas"],
        json!({ "roles": 3, "attachmentBytes": 1_048_576 })
    );
}

#[tokio::test]
async fn mail_by_the_relay_of_the_instance_has_its_name() {
    let (mut app, mut relay) = with_relay().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    let acme = app.tenant("acme").await;
    for (address, name, expected) in [
        ("ada@example.com", json!(null), "acme (via Tenantry)"),
        ("bob@example.com", json!("Example Cloud"), "acme (via Example Cloud)"),
    ] {
        decide(&operator, "general", json!({ "name": name })).await;
        let ask = json!({ "email": address, "purpose": "register" });
        let send = "/v1/email/send-verification";
        acme.anybody().post(send, &ask).await.expect(200);
        app.work().await;
        let mail = relay.next();
        let from = mail["headers"]["From"].as_str().unwrap();
        assert!(from.contains(expected), "{from}");
    }
}

#[tokio::test]
async fn no_tenant_sees_or_inherits_what_is_the_instances_own() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    for (name, wrong, field) in [
        ("general", json!({ "spec": {}, "locked": ["name"] }), "locked"),
        ("general", json!({ "spec": { "name": "" } }), "spec.name"),
        ("tenancy", json!({ "spec": { "graceDays": 0 } }), "spec.graceDays"),
        (
            "tenancy",
            json!({ "spec": { "defaultQuotas": { "sheep": 1 } } }),
            "spec.defaultQuotas.sheep",
        ),
    ] {
        let path = format!("/apis/system/v1alpha1/settings/{name}");
        assert_eq!(wrong_fields(operator.put(&path, &wrong).await), [field]);
        let policy = format!("{CONSOLE}/policies/{name}/configs/default");
        operator.get(&policy).await.expect_problem(404, "policy_not_found");
    }
}
