//! Whatever an operation writes is in the audit trail.

use super::{
    Operation, change_policy,
    makers::{call, make, make_backup, make_bounce_secret, sender_config},
    restores, secured,
};
use crate::{
    groups::auth_v1::profile,
    instance::new_tenant,
    support::roles::{CONSOLE, make_user},
    support::{PASSWORD, Person, Reply, TestApp, issuer::Issuer, smtp::sender},
};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::access::permission;

/// The newest event there is.
async fn newest(owner: &Person<'_>) -> Value {
    let list = owner.get(&format!("{CONSOLE}/audit-events?size=1")).await.expect(200);
    list["items"][0].clone()
}

/// Has a code sent to the address of `person`, and returns it.
async fn code_for(person: &Person<'_>, address: &str) -> String {
    let path = format!("{CONSOLE}/users/-/send-email-verification-code");
    person.post(&path, &json!({ "email": address })).await.expect(200);
    person.tenant.code_to(address).await
}

/// Makes ready what the operation needs to succeed, and returns a body where an example will not do.
async fn body_for(person: &Person<'_>, operation: &Operation) -> Option<Value> {
    let (own, new) = (
        format!("{}@example.test", person.name),
        format!("new-{}@example.test", person.name),
    );
    let role = json!({ "metadata": { "name": format!("of-{}", person.name) }, "spec": { "displayName": "Made" } });
    match (operation.document, operation.id()) {
        (_, "UpdateCurrentUser") => {
            Some(json!({ "metadata": { "name": person.name }, "spec": { "displayName": "Changed" } }))
        }
        (_, "ChangeOwnPassword") => Some(json!({ "oldPassword": PASSWORD, "password": "another battery staple" })),
        (_, "SendEmailVerificationCode" | "SetMyEmail" | "RequestEmailChange") => Some(json!({ "email": new })),
        ("console.v1alpha1", "VerifyEmail") => {
            Some(json!({ "password": PASSWORD, "code": code_for(person, &own).await }))
        }
        (_, "VerifyMyEmail" | "VerifyEmailChange") => Some(json!({ "code": code_for(person, &new).await })),
        (_, "ResendMyEmailVerification" | "ResendVerificationCode") => {
            code_for(person, &new).await;
            person.tenant.app.advance(61);
            None
        }
        (_, "CreateUser") => Some(json!({ "name": format!("of-{}", person.name), "email": new })),
        (_, "OverrideUserEmail") => Some(json!({ "email": new, "verified": true })),
        (_, "ChangePassword") => Some(match operation.document {
            "accounts" => {
                json!({ "currentPassword": PASSWORD, "newPassword": "another battery staple", "confirmPassword": "another battery staple" })
            }
            _ => json!({ "currentPassword": PASSWORD, "newPassword": "another battery staple" }),
        }),
        (_, "PatchUser") => Some(json!({ "spec": { "bio": "hi" } })),
        (_, "UpdateRole" | "PatchRole") => Some(json!({ "spec": { "displayName": "Changed" } })),
        // The next keys may be there already.
        (_, "RotateSigningKeys") => Some(json!({ "algorithm": "EdDSA", "compromised": false })),
        (_, "CreateInvitation") => Some(json!({ "spec": { "email": new } })),
        (_, "UpdateUserRole") => Some(json!({ "role": "support" })),
        (_, id) if id.ends_with("Policy") => {
            // Something of it is changed: as it is, it would not be written.
            let mut spec = person.get(&operation.path).await.expect(200)["spec"].take();
            change_policy(&mut spec);
            Some(json!({ "spec": spec }))
        }
        (_, "CreateApplication") => Some(json!({ "preset": "native" })),
        (
            _,
            "PatchTenant" | "PatchApplication" | "PatchAttachment" | "PatchResourceServer" | "PatchAuthProviderConfig",
        ) => Some(json!({ "spec": { "displayName": "Changed" } })),
        (_, "CreateResourceServer") => {
            Some(json!({ "spec": { "audience": format!("https://{}.example", person.name), "displayName": "Made" } }))
        }
        (_, "CreateRole") => Some(role),
        (_, "GrantPermission") => Some(json!({ "roles": ["support"] })),
        (_, "ExplainPermission") => Some(json!({ "user": "admin", "resource": "users", "verb": "get" })),
        (_, "SimulateRoleChange") => {
            person.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
            Some(json!({ "role": role["metadata"]["name"] }))
        }
        (_, id) => match body_for_settings(person, id).await {
            Some(body) => Some(body),
            None => body_for_mail(person, id, (own, new)).await,
        },
    }
}

/// The same for names and settings: something of them is changed.
async fn body_for_settings(person: &Person<'_>, id: &str) -> Option<Value> {
    match id {
        "RenameUser" | "RenameCurrentUser" => Some(json!({ "newName": format!("of-{}", person.name) })),
        "UpdateMyUserName" => Some(json!({ "userName": format!("of-{}", person.name) })),
        "UpdateMyProfile" => Some(profile()),
        "UpdateMyPassword" => Some(json!({ "oldPassword": PASSWORD, "newPassword": "another battery staple" })),
        "CreateTenant" => Some(new_tenant(&person.name)),
        "UpdateTenantQuotas" => Some(json!({ "spec": { "users": 5 } })),
        "UpdateInstanceSetting" | "PatchInstanceSetting" => {
            Some(json!({ "spec": { "allowedOrigins": [format!("https://{}.example", person.name)] } }))
        }
        "CreateDomain" => Some(json!({ "metadata": { "name": format!("{}.example", person.name) } })),
        "UpdateAuthProviderConfig" => {
            Some(json!({ "spec": { "kind": "oidc", "displayName": "Changed", "clientSecret": "hush" } }))
        }
        "UpdateSystemConfigByGroup" | "PatchSystemConfig" => {
            let path = format!("{CONSOLE}/systemconfigs/mail");
            let shows = person.get(&path).await.expect(200)["codeInSubject"] == true;
            Some(json!({ "codeInSubject": !shows }))
        }
        "UpdatePolicyConfigByGroup" => Some(json!({ "allowedOrigins": [format!("https://{}.example", person.name)] })),
        _ => None,
    }
}

/// The same for what concerns mail, and what is fetched.
async fn body_for_mail(person: &Person<'_>, id: &str, (own, new): (String, String)) -> Option<Value> {
    match id {
        "UploadAttachmentFromUrl" => {
            let from = format!("{}/.well-known/openid-configuration", Issuer::start().base);
            Some(json!({ "url": from }))
        }
        "CreateSender" => Some(sender(&person.name)),
        "UpdateSender" => Some(json!({ "spec": sender("other")["spec"] })),
        "PatchSender" => Some(json!({ "spec": { "perMinute": 30 } })),
        "UpdateMessageTemplate" => {
            Some(json!({ "spec": { "subject": "Own", "text": "{{ code }}", "html": "<p>{{ code }}</p>" } }))
        }
        "CreateDkimKey" => Some(json!({ "algorithm": "ed25519" })),
        "VerifySender" | "TestMessageTemplate" => Some(json!({ "to": new })),
        "SaveSenderConfig" => Some(sender_config()),
        "VerifyConnection" => {
            let mine = json!({ "email": own, "verified": true });
            let path = format!("{CONSOLE}/users/{}/email", person.name);
            person.put(&path, &mine).await.expect(200);
            Some(sender_config())
        }
        "OrderSenders" => {
            let path = format!("{CONSOLE}/senders");
            person.post(&path, &sender(&person.name)).await.expect(200);
            let list = person.get(&path).await.expect(200);
            let names = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| &item["metadata"]["name"]);
            Some(json!({ "names": names.rev().collect::<Vec<_>>() }))
        }
        _ => None,
    }
}

/// Makes the object what the operation changes: an act that finds all as it is wanted leaves nothing.
async fn prepare(person: &Person<'_>, operation: &Operation, path: &str) {
    let patch = async |path: &str| {
        let picture = json!({ "spec": { "avatar": "https://pics.example/a.png" } });
        let request = person.request(Method::PATCH, path).json(&picture);
        person.send(request).await.expect(200);
    };
    match operation.id() {
        "EnableUser" | "EnableApplication" => drop(
            person
                .post(&path.replace("/enable", "/disable"), &json!({}))
                .await
                .expect(200),
        ),
        "ResumeSender" => {
            let failing = "update sender set state = 'failing'";
            person.tenant.app.execute(failing).await;
        }
        "DeleteCurrentUser" | "RemoveMyUser" => crate::user::let_leave(person).await,
        "RenameCurrentUser" | "UpdateMyUserName" => crate::user::let_rename(person).await,
        "UnlockUser" => {
            let user = path.rsplit('/').nth(1).unwrap();
            crate::support::limits::fail(&person.tenant, user).await;
        }
        "DeleteBounceSecret" => drop(make_bounce_secret(person).await),
        "CreateRestoration" => drop(make_backup(person).await),
        "ResetMessageTemplate" => {
            let own = json!({ "spec": { "subject": "Own", "text": "{{ code }}", "html": "<p>{{ code }}</p>" } });
            person.put(path, &own).await.expect(200);
        }
        "DisableAuthProvider" => drop(
            person
                .put(&path.replace("/disable", "/enable"), &Value::Null)
                .await
                .expect(200),
        ),
        "ResetSystemConfig" => {
            let own = json!({ "codeInSubject": true });
            person.put(path, &own).await.expect(204);
        }
        "DeleteUserAvatar" => patch(&path.replace("/avatar", "")).await,
        "DeleteCurrentUserAvatar" | "RemoveMyAvatar" => patch(&format!("{CONSOLE}/users/{}", person.name)).await,
        _ => {}
    }
}

/// Has the operation succeed for this owner.
async fn succeed(person: &Person<'_>, operation: &Operation, number: usize) -> (Value, Reply) {
    let mut path = operation.path.clone();
    for (at, parameter) in operation.path_parameters().enumerate() {
        let name = parameter["name"].as_str().unwrap();
        let made = match (operation.object(), name) {
            // The session of the request itself would end before it could be asked again.
            ("-", "session" | "sessionId" | "id") => {
                person.tenant.sign_in(&person.name).await;
                let list = person.get(&format!("{CONSOLE}/users/-/sessions")).await.expect(200);
                list["items"][0]["metadata"]["name"].as_str().unwrap().to_owned()
            }
            _ => make(person, operation, parameter, number + at).await,
        };
        path = path.replace(&format!("{{{name}}}"), &made);
    }
    let body = body_for(person, operation).await;
    prepare(person, operation, &path).await;
    let before = newest(person).await;
    let reply = match body {
        Some(body) => {
            let request = person.request(operation.method.clone(), &path).json(&body);
            person.send(request).await
        }
        None if operation.id() == "CreateRestoration" => restores::look_at_newest_backup(person, &path).await,
        None => call(person, operation, &path).await,
    };
    assert!(
        reply.status.is_success(),
        "{}: {} {}",
        operation.label(),
        reply.status,
        reply.text
    );
    (before, reply)
}

#[tokio::test]
async fn every_operation_that_writes_leaves_one_event_of_its_permission() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let (mut wrote, mut read) = (0, 0);
    for (number, operation) in secured().iter().enumerate() {
        // The default tenant has the address of the instance: see the tests of domains.
        if operation.method == Method::GET || operation.permission() == "domains:make-canonical" {
            continue;
        }
        let name = format!("boss-{number}");
        make_user(&owner, &name, "owner").await;
        let person = tenant.sign_in(&name).await;
        let (before, reply) = succeed(&person, operation, number * 10).await;
        let label = operation.label();
        let after = newest(&owner).await;
        let grown = after["sequence"].as_i64().unwrap() - before["sequence"].as_i64().unwrap();
        let (resource, verb) = operation.permission().split_once(':').unwrap();
        if permission::find(resource, verb).unwrap().reads {
            read += 1;
            assert_eq!(grown, 0, "{label} only reads");
            continue;
        }
        wrote += 1;
        assert_eq!(grown, 1, "{label}");
        let path = format!("{CONSOLE}/audit-events?requestId={}", reply.header("x-request-id"));
        let list = owner.get(&path).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{label}: {list}");
        let event = &list["items"][0];
        let said = ["actor", "action", "outcome"].map(|field| event[field].as_str().unwrap());
        assert_eq!(said, [name.as_str(), operation.permission(), "done"], "{label}");
    }
    assert!(wrote > 20 && read > 0, "{wrote} {read}");
    app.work().await;
}
