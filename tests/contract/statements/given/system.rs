//! The operations of the system group, and the console's on what operators let a tenant have.

use super::{Given, Scene};
use crate::{
    instance::{TENANTS, new_tenant},
    support::{dns, roles::CONSOLE},
};
use serde_json::{Value, json};
use tenantry::{
    domain,
    kit::{
        db::{Mode, SystemTx},
        secret,
    },
};

/// A name that nothing has.
fn unique() -> String {
    format!("made-{:x}", u64::from_be_bytes(secret::random()))
}

/// What the operation of the system group of this id takes.
pub(super) async fn given<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || {
        let name = unique();
        scene.owner.post(TENANTS, &new_tenant(&name)).await.expect(200);
        scene.owner.tenant.app.work().await;
        scene.by_owner().of(name)
    };
    let after = async |verb: &str| {
        let given = made().await;
        let path = format!("{TENANTS}/{}/{verb}", given.names[0]);
        scene.owner.post(&path, &json!({})).await.expect(200);
        given
    };
    Some(match id {
        "ListTenants" | "ListTenantDomains" | "ListInstanceSettings" => scene.by_owner(),
        "CreateTenant" => scene.by_owner().with(new_tenant(&unique())),
        "GetTenant" | "GetTenantQuotas" => made().await,
        "PatchTenant" => made().await.with(json!({ "spec": { "displayName": "Another" } })),
        "SuspendTenant" => made().await.with(json!({})),
        "ResumeTenant" => after("suspend").await,
        "DeleteTenant" => {
            let given = made().await;
            let query = format!("?confirm={}", given.names[0]);
            given.asking(query)
        }
        "UndeleteTenant" => {
            let given = made().await;
            let path = format!("{TENANTS}/{0}?confirm={0}", given.names[0]);
            scene.owner.delete(&path).await.expect(200);
            given
        }
        "InviteTenantOwner" => {
            let given = made().await;
            scene.owner.tenant.app.advance(61);
            given.with(json!({ "email": "another@example.test" }))
        }
        "UpdateTenantQuotas" => made().await.with(json!({ "spec": { "users": 5 } })),
        "GetInstanceSetting" | "ResetInstanceSetting" => scene.by_owner().of("branding"),
        "UpdateInstanceSetting" => scene
            .by_owner()
            .of("branding")
            .with(json!({ "spec": { "subtitle": "All of it" } })),
        "PatchInstanceSetting" => scene.by_owner().of("branding").with(json!({ "locked": ["color"] })),
        "ReleaseTenantDomain" => {
            let given = made().await;
            let app = &scene.owner.tenant.app.app;
            let of = app.find_tenant(&given.names[0]).await.unwrap()?.id;
            let name = format!("{}.example", given.names[0]);
            let parsed = name.parse().unwrap();
            let claim = async |tx: &SystemTx| domain::claim(tx, of, &parsed).await;
            app.services.db.run_system(Mode::Write, claim).await.unwrap();
            given.of(name)
        }
        _ => return None,
    })
}

/// The console's operations on domains and quotas.
pub(super) async fn of_domains<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let domains = format!("{CONSOLE}/domains");
    let name = format!("{}.example", unique());
    let new = json!({ "metadata": { "name": name } });
    let made = async || {
        let claimed = scene.owner.post(&domains, &new).await.expect(200);
        let record = |part: &str| claimed["status"]["record"][part].as_str().unwrap().to_owned();
        dns::USUAL.say(&record("name"), &[&record("value")]);
        scene.by_owner().of(name.clone())
    };
    let proven = async || {
        let given = made().await;
        let path = format!("{domains}/{name}/verify");
        scene.owner.post(&path, &Value::Null).await.expect(200);
        given
    };
    let confirmed = json!({ "confirm": true });
    Some(match id {
        "GetQuotas" | "ListDomains" => scene.by_owner(),
        "CreateDomain" => scene.by_owner().with(new.clone()),
        "GetDomain" | "VerifyDomain" | "DeleteDomain" => made().await,
        "MakeDomainCanonical" => proven().await.with(confirmed),
        "MakeDomainAlias" => {
            let given = proven().await;
            let path = format!("{domains}/{name}/make-canonical");
            scene.owner.post(&path, &confirmed).await.expect(200);
            given.with(confirmed)
        }
        _ => return None,
    })
}
