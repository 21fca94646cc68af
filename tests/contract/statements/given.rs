//! What every operation takes to succeed.

use super::{super::Operation, USERS, isolation};
use crate::{
    access::{CONSOLE, make_role, make_user},
    support::{Mail, PASSWORD, Person},
};
use reqwest::Method;
use serde_json::{Value, json};

const OTHER: &str = "another battery staple";

/// The tenant an operation is performed in, and the how-manieth time it is.
pub(super) struct Scene<'a> {
    pub(super) owner: Person<'a>,
    pub(super) number: usize,
}

/// Who sends a request, the names in its path, its query and its body.
pub(super) struct Given<'a> {
    pub(super) by: Person<'a>,
    pub(super) names: Vec<String>,
    pub(super) query: String,
    pub(super) body: Value,
}

impl<'a> Given<'a> {
    fn by(by: Person<'a>) -> Self {
        Self {
            by,
            names: vec![],
            query: String::new(),
            body: Value::Null,
        }
    }

    fn of(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    fn with(self, body: Value) -> Self {
        Self { body, ..self }
    }

    fn asking(self, query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..self
        }
    }
}

impl<'a> Scene<'a> {
    fn name(&self) -> String {
        format!("ada-{}", self.number)
    }

    /// The address of who has that name.
    fn address(&self) -> String {
        format!("{}@example.test", self.name())
    }

    /// An address nobody has.
    fn free_address(&self) -> String {
        format!("new-{}@example.test", self.number)
    }

    /// Makes a user without a password and returns what the answer tells of them.
    pub(super) async fn make_user(&self) -> Value {
        let new = json!({ "name": self.name(), "email": self.address() });
        self.owner.post(USERS, &new).await.expect(200)
    }

    /// Makes an owner and signs them in.
    async fn person(&self) -> Person<'a> {
        make_user(&self.owner, &self.name(), "owner").await;
        self.owner.tenant.sign_in(&self.name()).await
    }

    /// Makes a role.
    async fn role(&self) -> String {
        let name = format!("role-{}", self.number);
        make_role(&self.owner, &name, "support", &[]).await;
        name
    }

    fn anybody(&self) -> Given<'a> {
        Given::by(self.owner.tenant.anybody())
    }

    fn by_owner(&self) -> Given<'a> {
        Given::by(self.owner.clone())
    }

    /// The newest message to this address.
    async fn mail_to(&self, address: &str) -> Mail {
        self.owner.tenant.app.work().await;
        self.owner.inbox(address).await.swap_remove(0)
    }

    /// Has a code sent that proves this address of the person's, and returns it.
    async fn code(&self, person: &Person<'_>, address: &str) -> String {
        let path = format!("{USERS}/-/send-email-verification-code");
        person.post(&path, &json!({ "email": address })).await.expect(200);
        self.mail_to(address).await.code()
    }

    /// Has somebody wait for a code for longer than another one may be asked for.
    async fn waiting(&self) -> Given<'a> {
        let person = self.person().await;
        self.code(&person, &self.address()).await;
        self.owner.tenant.app.advance(61);
        Given::by(person)
    }

    /// Has somebody ask for another password, and returns what they are mailed.
    async fn forgot(&self) -> Mail {
        self.person().await;
        let ask = json!({ "email": self.address() });
        let anybody = self.owner.tenant.anybody();
        anybody.post("/v1/password/reset", &ask).await.expect(200);
        self.mail_to(&self.address()).await
    }

    /// Somebody with two sessions, and the id of the one they do not use.
    async fn twice(&self) -> (Person<'a>, String) {
        let person = self.person().await;
        self.owner.tenant.sign_in(&self.name()).await;
        let list = person.get(&format!("{USERS}/-/sessions")).await.expect(200);
        let other = list["items"].as_array().unwrap().iter();
        let other = other.map(|item| item["metadata"]["name"].as_str().unwrap()).next();
        (person, other.unwrap().to_owned())
    }

    /// Gives the user of this path a picture.
    async fn draw(&self, by: &Person<'_>, user: &str) {
        let request = by.request(Method::POST, &format!("{USERS}/{user}/avatar"));
        let request = request
            .header("content-type", isolation::FORM)
            .body(isolation::picture());
        by.send(request).await.expect(200);
    }
}

/// Makes ready what the operation needs to succeed, and returns what it takes.
pub(super) async fn given<'a>(scene: &Scene<'a>, operation: &Operation) -> Given<'a> {
    let id = operation.id();
    let given = match operation.document {
        "console.v1alpha1" => match of_own(scene, id).await {
            Some(given) => Some(given),
            None => match of_users(scene, id).await {
                Some(given) => Some(given),
                None => of_tenant(scene, id).await,
            },
        },
        "auth.v1" => of_me(scene, id).await,
        "gateway.v1" => of_gateway(scene, id).await,
        "accounts" => of_accounts(scene, id).await,
        "verification" => of_verification(scene, id).await,
        _ => None,
    };
    given.unwrap_or_else(|| panic!("nobody knows what {} takes: teach `statements`", operation.label()))
}

/// The console's operations of the caller's own.
async fn of_own<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "GetCurrentUserDetail"
        | "GetCurrentUserPermissions"
        | "UploadCurrentUserAvatar"
        | "ListCurrentUserSessions"
        | "EndCurrentUserSessions"
        | "EndCurrentSession" => own().await,
        "UpdateCurrentUser" => {
            let body = json!({ "metadata": { "name": scene.name() }, "spec": { "displayName": "Ada" } });
            own().await.with(body)
        }
        "ChangeOwnPassword" => own().await.with(json!({ "oldPassword": PASSWORD, "password": OTHER })),
        "DeleteCurrentUserAvatar" => {
            let given = own().await;
            scene.draw(&given.by, "-").await;
            given
        }
        "SendEmailVerificationCode" => own().await.with(json!({ "email": scene.address() })),
        "VerifyEmail" => {
            let given = own().await;
            let code = scene.code(&given.by, &scene.address()).await;
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
        scene.by_owner().of(scene.name())
    };
    Some(match id {
        "ListUsers" => scene.by_owner(),
        "CreateUser" => {
            let new = json!({ "name": scene.name(), "email": scene.address(), "password": PASSWORD });
            scene.by_owner().with(new)
        }
        "GetUserDetail" | "DeleteUser" | "UploadUserAvatar" | "DisableUser" | "GetPermissions" => made().await,
        "PatchUser" => made().await.with(json!({ "spec": { "displayName": "Ada" } })),
        "ChangeAnyonePassword" => made().await.with(json!({ "password": OTHER })),
        "OverrideUserEmail" => made().await.with(json!({ "email": scene.free_address() })),
        "DeleteUserAvatar" => {
            let given = made().await;
            scene.draw(&given.by, &scene.name()).await;
            given
        }
        "EnableUser" => {
            let given = made().await;
            let path = format!("{USERS}/{}/disable", scene.name());
            given.by.post(&path, &Value::Null).await.expect(200);
            given
        }
        "GetAvatar" => {
            let given = made().await;
            scene.draw(&given.by, &scene.name()).await;
            let user = given.by.get(&format!("{USERS}/{}", scene.name())).await.expect(200);
            let (_, picture) = user["user"]["spec"]["avatar"].as_str()?.rsplit_once('/')?;
            scene.anybody().of(picture)
        }
        "ListUserSessions" | "EndUserSessions" => {
            scene.person().await;
            scene.by_owner().of(scene.name())
        }
        "EndUserSession" => {
            let (_, other) = scene.twice().await;
            scene.by_owner().of(scene.name()).of(other)
        }
        "GrantPermission" => made().await.with(json!({ "roles": ["support"] })),
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
            let body = json!({ "username": scene.name(), "password": PASSWORD });
            scene.anybody().with(body)
        }
        "GetTenant" => scene.anybody(),
        "ListRoles" | "ListPermissions" | "ListAuditEvents" | "VerifyAuditTrail" | "ListInvitations"
        | "ListMessages" => owner(),
        "CreateRole" => {
            let name = format!("role-{}", scene.number);
            owner().with(json!({ "metadata": { "name": name }, "spec": spec }))
        }
        "GetRole" | "DeleteRole" => owner().of(scene.role().await),
        "UpdateRole" | "PatchRole" => owner().of(scene.role().await).with(json!({ "spec": spec })),
        "WhoCan" => owner().asking("?resource=users&verb=get"),
        "ExplainPermission" => owner().with(json!({ "user": "admin", "resource": "users", "verb": "get" })),
        "SimulateRoleChange" => owner().with(json!({ "role": scene.role().await })),
        "GetSessionPolicy"
        | "GetAuthenticationPolicy"
        | "GetBrandingPolicy"
        | "GetSignUpPolicy"
        | "GetLimitPolicy"
        | "GetCaptchaPolicy"
        | "GetPasswordPolicy" => owner(),
        "UpdateSessionPolicy" => owner().with(policy(scene, "sessions").await),
        "UpdateAuthenticationPolicy" => owner().with(policy(scene, "authentication").await),
        "UpdateBrandingPolicy" => owner().with(policy(scene, "branding").await),
        "UpdateSignUpPolicy" => owner().with(policy(scene, "sign-up").await),
        "UpdateLimitPolicy" => owner().with(policy(scene, "limits").await),
        "UpdateCaptchaPolicy" => owner().with(policy(scene, "captcha").await),
        "UpdatePasswordPolicy" => owner().with(policy(scene, "password").await),
        "CreateInvitation" => owner().with(json!({ "spec": { "email": scene.free_address() } })),
        "DeleteInvitation" => {
            let invited = json!({ "spec": { "email": scene.free_address() } });
            let made = scene.owner.post(&format!("{CONSOLE}/invitations"), &invited).await;
            owner().of(made.expect(200)["metadata"]["name"].as_str()?)
        }
        "GetMessage" => {
            scene.forgot().await;
            let Mail(message) = scene.mail_to(&scene.address()).await;
            owner().of(message["metadata"]["name"].as_str()?)
        }
        _ => return None,
    })
}

/// A policy as it is, to be written once more.
async fn policy(scene: &Scene<'_>, name: &str) -> Value {
    let policy = scene.owner.get(&format!("{CONSOLE}/policies/{name}")).await.expect(200);
    json!({ "spec": policy["spec"] })
}

async fn of_me<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "GetMyUser" | "GetMyEmail" => own().await,
        "SetMyEmail" => own().await.with(json!({ "email": scene.free_address() })),
        "VerifyMyEmail" => {
            let given = own().await;
            let code = scene.code(&given.by, &scene.address()).await;
            given.with(json!({ "code": code }))
        }
        "ResendMyEmailVerification" => scene.waiting().await,
        _ => return None,
    })
}

async fn of_gateway<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let (name, address) = (scene.name(), scene.address());
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "SendEmailVerification" => scene.anybody().with(json!({ "email": address, "purpose": "register" })),
        "VerifyEmail" => {
            let code = scene.code(&scene.person().await, &address).await;
            scene.anybody().with(json!({ "email": address, "code": code }))
        }
        "Register" => {
            let ask = json!({ "email": address, "purpose": "register" });
            let anybody = scene.owner.tenant.anybody();
            anybody.post("/v1/email/send-verification", &ask).await.expect(200);
            let code = scene.mail_to(&address).await.code();
            let new = json!({ "username": name, "email": address, "password": PASSWORD, "code": code });
            scene.anybody().with(new)
        }
        "Login" => {
            scene.person().await;
            scene.anybody().with(json!({ "username": name, "password": PASSWORD }))
        }
        "RefreshToken" | "Logout" => {
            let person = scene.person().await;
            let body = json!({ "refreshToken": person.tokens["refreshToken"] });
            scene.anybody().with(body)
        }
        "ResetPassword" => {
            scene.person().await;
            scene.anybody().with(json!({ "email": address }))
        }
        "ConfirmPasswordReset" => {
            let code = scene.forgot().await.code();
            let body = json!({ "email": address, "code": code, "newPassword": OTHER });
            scene.anybody().with(body)
        }
        "ChangePassword" => {
            let body = json!({ "currentPassword": PASSWORD, "newPassword": OTHER });
            own().await.with(body)
        }
        "GetUserSessions" | "ResolveUserIdentity" => own().await,
        "RevokeUserSession" => {
            let (person, other) = scene.twice().await;
            Given::by(person).of(other)
        }
        "ListUsers" => scene.by_owner(),
        "UpdateUserRole" => {
            let made = scene.make_user().await;
            let user = made["status"]["id"].as_str()?;
            scene.by_owner().of(user).with(json!({ "role": "support" }))
        }
        _ => return None,
    })
}

async fn of_accounts<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let address = scene.address();
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "Login" => {
            scene.person().await;
            scene.anybody().with(json!({ "email": address, "password": PASSWORD }))
        }
        "Register" => {
            let user = json!({ "firstName": "Ada", "email": address });
            let body = json!({ "user": user, "password": PASSWORD, "confirmPassword": PASSWORD });
            scene.anybody().with(body)
        }
        "RefreshToken" => {
            let person = scene.person().await;
            let body = json!({ "refresh_token": person.tokens["refreshToken"] });
            scene.anybody().with(body)
        }
        "CheckAuth" => own().await,
        "ResetPassword" => {
            let token = scene.forgot().await.token();
            let body = json!({ "token": token, "password": OTHER, "confirmPassword": OTHER });
            scene.anybody().with(body)
        }
        "ChangePassword" => {
            let body = json!({ "currentPassword": PASSWORD, "newPassword": OTHER, "confirmPassword": OTHER });
            own().await.with(body)
        }
        "ResendVerificationCode" => scene.waiting().await,
        "VerifyEmailCode" => {
            let code = scene.code(&scene.person().await, &address).await;
            scene.anybody().with(json!({ "email": address, "code": code }))
        }
        "CheckEmail" => scene.anybody().with(json!({ "email": address })),
        "RequestEmailChange" => own().await.with(json!({ "email": scene.free_address() })),
        "VerifyEmailChange" => {
            let given = own().await;
            let code = scene.code(&given.by, &scene.free_address()).await;
            given.with(json!({ "code": code }))
        }
        _ => return None,
    })
}

async fn of_verification<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let address = scene.address();
    let query = format!("?email={address}");
    Some(match id {
        "SendVerification" => scene.anybody().asking(query),
        "SendPasswordReset" => {
            scene.person().await;
            scene.anybody().asking(query)
        }
        "ResetPassword" => {
            let token = scene.forgot().await.token();
            scene.anybody().with(json!({ "email": address, "token": token }))
        }
        "GetStatus" => scene.anybody(),
        _ => return None,
    })
}
