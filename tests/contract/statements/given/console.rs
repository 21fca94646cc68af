//! The console's operations.

use super::{
    super::USERS,
    ADA, ADDRESS, FREE, Given, OTHER, Scene,
    kept::{of_attachments, of_backups, of_user_batches, of_user_imports},
    system::of_domains,
};
use crate::{
    contract::{
        change_policy,
        makers::{
            make_bounce_secret, make_dkim_key, make_resendable, make_sent, make_undeliverable, make_version,
            sender_config,
        },
    },
    support::roles::CONSOLE,
    support::{Mail, PASSWORD, bounce::sign, issuer::Issuer, smtp::sender},
};
use serde_json::{Value, json};

/// What the operation of this id takes.
pub(super) async fn given<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    if let Some(given) = of_identities(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_own(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_users(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_policies(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_settings(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_applications(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_backups(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_user_imports(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_user_batches(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_attachments(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_domains(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_senders(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_templates(scene, id).await {
        return Some(given);
    }
    if let Some(given) = of_providers(scene, id).await {
        return Some(given);
    }
    of_tenant(scene, id).await
}

/// The console's operations on applications and APIs.
async fn of_applications<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let (applications, apis) = (format!("{CONSOLE}/applications"), format!("{CONSOLE}/resource-servers"));
    let make = async |path: &str, new: Value| {
        let made = scene.owner.post(path, &new).await.expect(200);
        made["metadata"]["name"].as_str().unwrap().to_owned()
    };
    let shop = json!({ "preset": "web-server", "metadata": { "name": "shop" } });
    let orders = json!({ "spec": { "audience": "https://orders.example", "displayName": "Orders" } });
    let of_shop = async || scene.by_owner().of(make(&applications, shop.clone()).await);
    let of_orders = async || scene.by_owner().of(make(&apis, orders.clone()).await);
    let secret_of = async |given: Given<'a>, path: &str| {
        let path = format!("{path}/{}/secrets", given.names[0]);
        given.of(make(&path, json!({})).await)
    };
    let changed = json!({ "spec": { "displayName": "Another" } });
    Some(match id {
        "ListApplications" | "ListResourceServers" => scene.by_owner(),
        "CreateApplication" => scene.by_owner().with(shop),
        "CreateResourceServer" => scene.by_owner().with(orders),
        "GetApplication"
        | "DeleteApplication"
        | "DisableApplication"
        | "ListApplicationSecrets"
        | "ListApplicationLogoutDeliveries" => of_shop().await,
        "PatchApplication" => of_shop().await.with(changed),
        "EnableApplication" => {
            let given = of_shop().await;
            given
                .by
                .post(&format!("{applications}/shop/disable"), &Value::Null)
                .await
                .expect(200);
            given
        }
        "CreateApplicationSecret" => of_shop().await.with(json!({})),
        "DeleteApplicationSecret" => secret_of(of_shop().await, &applications).await,
        "GetResourceServer" | "DeleteResourceServer" | "ListResourceServerSecrets" => of_orders().await,
        "PatchResourceServer" => of_orders().await.with(changed),
        "CreateResourceServerSecret" => of_orders().await.with(json!({})),
        "DeleteResourceServerSecret" => secret_of(of_orders().await, &apis).await,
        _ => return None,
    })
}

/// The console's operations on senders.
async fn of_senders<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let path = format!("{CONSOLE}/senders");
    let make = async |name: &str| drop(scene.owner.post(&path, &sender(name)).await.expect(200));
    let made = async || {
        make("main").await;
        scene.by_owner().of("main")
    };
    let notifier = "default-email-notifier";
    Some(match id {
        "ListSenders" => {
            make("main").await;
            scene.by_owner()
        }
        "GetBounceSecret" | "CreateBounceSecret" => scene.by_owner(),
        "DeleteBounceSecret" => {
            make_bounce_secret(&scene.owner).await;
            scene.by_owner()
        }
        "ReportBounces" => of_bounces(scene).await,
        "CreateSender" => scene.by_owner().with(sender("main")),
        "CreateDkimKey" => made().await.with(json!({ "algorithm": "ed25519" })),
        "ListDkimKeys" | "CheckDkimKey" | "DeleteDkimKey" => {
            let sender = made().await;
            let selector = make_dkim_key(&scene.owner, "main").await;
            match id {
                "ListDkimKeys" => sender,
                _ => sender.of(selector.as_str().unwrap()),
            }
        }
        "GetSender" | "DeleteSender" | "ResumeSender" => made().await,
        "UpdateSender" => made().await.with(json!({ "spec": sender("other")["spec"] })),
        "PatchSender" => made().await.with(json!({ "spec": { "perMinute": 30 } })),
        "VerifySender" => made().await.with(json!({ "to": FREE })),
        "OrderSenders" => {
            make("main").await;
            make("spare").await;
            scene.by_owner().with(json!({ "names": ["spare", "main"] }))
        }
        "FetchSenderConfig" => {
            make("main").await;
            scene.by_owner().of(notifier)
        }
        "SaveSenderConfig" => scene.by_owner().of(notifier).with(sender_config()),
        "VerifyConnection" => {
            let path = format!("{USERS}/admin/email");
            let mine = json!({ "email": ADDRESS, "verified": true });
            scene.owner.put(&path, &mine).await.expect(200);
            scene.by_owner().with(sender_config())
        }
        _ => return None,
    })
}

/// A report that a message came back, which is signed.
async fn of_bounces<'a>(scene: &Scene<'a>) -> Given<'a> {
    let app = scene.owner.tenant.app;
    let secret = make_bounce_secret(&scene.owner).await;
    let message = make_sent(&scene.owner, "main").await;
    let events = json!([{ "messageId": message, "kind": "bounce", "status": "5.1.1" }]);
    let body = json!({ "events": events });
    let signature = sign(app, &secret, &body.to_string());
    let given = scene.anybody().with(body);
    Given {
        header: Some(("x-tenantry-signature", signature)),
        ..given
    }
}

/// The console's operations on identities of users.
async fn of_identities<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    if !id.contains("Identit") {
        return None;
    }
    let person = scene.person().await;
    crate::provider::use_provider(&scene.owner, ADA, "corp", "sub-1").await;
    Some(match id {
        "ListCurrentUserIdentities" => Given::by(person),
        "DeleteCurrentUserIdentity" => Given::by(person).of("corp").of("sub-1"),
        "ListUserIdentities" => scene.by_owner().of(ADA),
        "DeleteUserIdentity" => scene.by_owner().of(ADA).of("corp").of("sub-1"),
        _ => return None,
    })
}

/// The console's operations on templates of messages.
async fn of_templates<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = json!({ "spec": { "subject": "Own", "text": "{{ code }}", "html": "<p>{{ code }}</p>" } });
    let verify = || scene.by_owner().of("verify_email").of("en");
    let written = async || {
        let path = format!("{CONSOLE}/message-templates/verify_email/en");
        scene.owner.put(&path, &own).await.expect(200);
        verify()
    };
    Some(match id {
        "ListMessageTemplates" => scene.by_owner(),
        "GetMessageTemplate" | "ResetMessageTemplate" => written().await,
        "UpdateMessageTemplate" => verify().with(own.clone()),
        "PreviewMessageTemplate" => verify().with(json!({})),
        "TestMessageTemplate" => verify().with(json!({ "to": FREE })),
        _ => return None,
    })
}

/// The console's operations on providers.
async fn of_providers<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let spec = json!({
        "kind": "oidc", "displayName": "Corp", "clientId": "rp", "clientSecret": "hush",
        "issuer": Issuer::start().base,
    });
    let new = json!({ "metadata": { "name": "corp" }, "spec": spec });
    let corp = async || {
        let path = format!("{CONSOLE}/auth-provider-configs");
        scene.owner.post(&path, &new).await.expect(200);
        scene.by_owner().of("corp")
    };
    Some(match id {
        "ListAuthProviders" | "ListAuthProviderConfigs" => scene.by_owner(),
        "CreateAuthProviderConfig" => scene.by_owner().with(new),
        "GetAuthProviderConfig" | "DeleteAuthProviderConfig" | "EnableAuthProvider" | "TestAuthProviderConfig" => {
            corp().await
        }
        "UpdateAuthProviderConfig" => {
            let given = corp().await;
            let mut spec = new["spec"].clone();
            spec["displayName"] = json!("Another");
            given.with(json!({ "spec": spec }))
        }
        "PatchAuthProviderConfig" => corp().await.with(json!({ "spec": { "displayName": "Another" } })),
        "DisableAuthProvider" => {
            let given = corp().await;
            let path = format!("{CONSOLE}/auth-providers/corp/enable");
            given.by.put(&path, &Value::Null).await.expect(200);
            given
        }
        _ => return None,
    })
}

/// The console's operations of the caller's own.
async fn of_own<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "GetCurrentUserDetail"
        | "GetCurrentUserPermissions"
        | "GetCurrentUserData"
        | "UploadCurrentUserAvatar"
        | "ListCurrentUserSessions"
        | "EndCurrentUserSessions"
        | "EndCurrentSession" => own().await,
        "DeleteCurrentUser" => {
            crate::user::let_leave(&scene.owner).await;
            own().await
        }
        "RenameCurrentUser" => {
            crate::user::let_rename(&scene.owner).await;
            own().await.with(json!({ "newName": "ada.king" }))
        }
        "UpdateCurrentUser" => {
            let body = json!({ "metadata": { "name": ADA }, "spec": { "displayName": "Lovelace" } });
            own().await.with(body)
        }
        "ChangeOwnPassword" => own().await.with(json!({ "oldPassword": PASSWORD, "password": OTHER })),
        "DeleteCurrentUserAvatar" => {
            let given = own().await;
            scene.draw(&given.by, "-").await;
            given
        }
        "SendEmailVerificationCode" => own().await.with(json!({ "email": ADDRESS })),
        "VerifyEmail" => {
            let given = own().await;
            let code = scene.code(&given.by, ADDRESS).await;
            given.with(json!({ "password": PASSWORD, "code": code }))
        }
        "EndCurrentUserSession" => {
            let (person, other) = scene.twice().await;
            Given::by(person).of(other)
        }
        _ => return None,
    })
}

/// The console's operations on users, and on what belongs to one.
async fn of_users<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let made = async || {
        scene.make_user().await;
        scene.by_owner().of(ADA)
    };
    Some(match id {
        "ListUsers" => scene.by_owner(),
        "CreateUser" => {
            let new = json!({ "name": ADA, "email": ADDRESS, "password": PASSWORD });
            scene.by_owner().with(new)
        }
        "GetUserDetail"
        | "DeleteUser"
        | "UploadUserAvatar"
        | "DisableUser"
        | "GetPermissions"
        | "GetUserSignIn"
        | "SendUserPasswordReset"
        | "SendUserVerification" => made().await,
        "UnlockUser" => {
            let given = made().await;
            crate::support::limits::fail(&scene.owner.tenant, ADA).await;
            given
        }
        "RenameUser" => made().await.with(json!({ "newName": "ada.king" })),
        "PatchUser" => made().await.with(json!({ "spec": { "displayName": "Lovelace" } })),
        "ChangeAnyonePassword" => made().await.with(json!({ "password": OTHER })),
        "OverrideUserEmail" => made().await.with(json!({ "email": FREE })),
        "DeleteUserAvatar" => {
            let given = made().await;
            scene.draw(&given.by, ADA).await;
            given
        }
        "EnableUser" => {
            let given = made().await;
            let path = format!("{USERS}/{ADA}/disable");
            given.by.post(&path, &Value::Null).await.expect(200);
            given
        }
        "GetAvatar" => {
            let given = made().await;
            scene.draw(&given.by, ADA).await;
            let user = given.by.get(&format!("{USERS}/{ADA}")).await.expect(200);
            let (_, picture) = user["user"]["spec"]["avatar"].as_str()?.rsplit_once('/')?;
            scene.anybody().of(picture)
        }
        "GrantPermission" => made().await.with(json!({ "roles": ["support"] })),
        _ => return of_what_users_have(scene, id).await,
    })
}

/// The console's operations on the sessions and applications of a user.
async fn of_what_users_have<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    Some(match id {
        "ListUserSessions" | "EndUserSessions" => {
            scene.person().await;
            scene.by_owner().of(ADA)
        }
        "EndUserSession" => {
            let (_, other) = scene.twice().await;
            scene.by_owner().of(ADA).of(other)
        }
        "ListCurrentUserApplications" | "EndCurrentUserApplication" | "ListUserApplications" | "EndUserApplication" => {
            let person = scene.person().await;
            crate::oidc::use_application(&scene.owner, ADA, "shop").await;
            match id {
                "ListCurrentUserApplications" => Given::by(person),
                "EndCurrentUserApplication" => Given::by(person).of("shop"),
                "ListUserApplications" => scene.by_owner().of(ADA),
                _ => scene.by_owner().of(ADA).of("shop"),
            }
        }
        "PreviewUserApplication" => {
            crate::application::make(&scene.owner, "shop", "web-server", json!({})).await;
            scene.make_user().await;
            scene.by_owner().of(ADA).of("shop").with(json!({}))
        }
        _ => return None,
    })
}

/// The console's operations on what belongs to the tenant.
async fn of_tenant<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let owner = || scene.by_owner();
    let spec = json!({ "displayName": "Another", "inherits": ["auditor"] });
    Some(match id {
        "CreateSession" => {
            scene.person().await;
            let body = json!({ "username": ADA, "password": PASSWORD });
            scene.anybody().with(body)
        }
        "GetTenant" => scene.anybody(),
        "ListRoles" | "ListPermissions" | "ListAuditEvents" | "VerifyAuditTrail" | "ListInvitations"
        | "ListSigningKeys" | "ListMessages" => owner(),
        "ExplainDelivery" => {
            scene.forgot().await;
            owner().asking(format!("?address={ADDRESS}"))
        }
        "CreateRole" => owner().with(json!({ "metadata": { "name": "clerk" }, "spec": spec })),
        "GetRole" | "DeleteRole" => owner().of(scene.role().await),
        "UpdateRole" | "PatchRole" => owner().of(scene.role().await).with(json!({ "spec": spec })),
        "WhoCan" => owner().asking("?resource=users&verb=get"),
        "ExplainPermission" => owner().with(json!({ "user": "admin", "resource": "users", "verb": "get" })),
        "SimulateRoleChange" => owner().with(json!({ "role": scene.role().await })),
        "RotateSigningKeys" => owner().with(json!({ "algorithm": "ES256" })),
        "CreateInvitation" => owner().with(json!({ "spec": { "email": FREE } })),
        "DeleteInvitation" => {
            let invited = json!({ "spec": { "email": FREE } });
            let made = scene.owner.post(&format!("{CONSOLE}/invitations"), &invited).await;
            owner().of(made.expect(200)["metadata"]["name"].as_str()?)
        }
        "GetMessage" => {
            scene.forgot().await;
            let Mail(message) = scene.mail_to(ADDRESS).await;
            owner().of(message["metadata"]["name"].as_str()?)
        }
        "ResendMessage" => owner().of(make_resendable(&scene.owner, FREE).await.as_str()?),
        "ListUndeliverableAddresses" => {
            make_undeliverable(&scene.owner, "gone").await;
            owner()
        }
        "DeleteUndeliverableAddress" => owner().of(make_undeliverable(&scene.owner, "gone").await.as_str()?),
        "CancelMessage" => {
            scene.person().await;
            let ask = json!({ "email": ADDRESS });
            let anybody = scene.owner.tenant.anybody();
            anybody.post("/v1/password/reset", &ask).await.expect(200);
            let list = scene.owner.get(&format!("{CONSOLE}/messages")).await.expect(200);
            owner().of(list["items"][0]["metadata"]["name"].as_str()?)
        }
        _ => return None,
    })
}

/// The console's operations on settings as Halo has them, and on numbers.
async fn of_settings<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let origins = json!({ "crossOrigins": ["https://app.example.com"] });
    Some(match id {
        "GetSystemConfigByGroup"
        | "GetSystemConfigStatus"
        | "GetSystemConfigSchema"
        | "ResetSystemConfig"
        | "ListSystemConfigVersions" => scene.by_owner().of("security"),
        "RestoreSystemConfigVersion" => {
            let version = make_version(&scene.owner).await.to_string();
            scene.by_owner().of("mail").of(version)
        }
        "UpdateSystemConfigByGroup" | "PatchSystemConfig" => scene.by_owner().of("security").with(origins),
        "GetSystemConfigSchemas" | "GetStats" | "GetStatsOverview" => scene.by_owner(),
        "GetStatsSeries" => scene.by_owner().asking("?metric=signIns"),
        "GetPolicyConfigByGroup" => scene.by_owner().of("mail").of("default"),
        "UpdatePolicyConfigByGroup" => {
            let spec = json!({ "useInstanceSender": false });
            scene.by_owner().of("mail").of("default").with(spec)
        }
        _ => return None,
    })
}

/// The console's operations on policies: an update changes one value.
async fn of_policies<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let read = id.replace("Update", "Get");
    let name = match read.as_str() {
        "GetSessionPolicy" => "sessions",
        "GetSigningKeyPolicy" => "signing-keys",
        "GetAuthenticationPolicy" => "authentication",
        "GetCrossOriginPolicy" => "cross-origin",
        "GetBrandingPolicy" => "branding",
        "GetSignUpPolicy" => "sign-up",
        "GetLimitPolicy" => "limits",
        "GetCaptchaPolicy" => "captcha",
        "GetPasswordPolicy" => "password",
        "GetMailPolicy" => "mail",
        "GetAttachmentPolicy" => "attachments",
        "GetBackupPolicy" => "backups",
        "GetNotificationPolicy" => "notifications",
        _ => return None,
    };
    let given = scene.by_owner();
    if read == id {
        return Some(given);
    }
    let policy = scene.owner.get(&format!("{CONSOLE}/policies/{name}")).await;
    let mut spec = policy.expect(200)["spec"].take();
    change_policy(&mut spec);
    Some(given.with(json!({ "spec": spec })))
}
