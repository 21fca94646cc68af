//! The operations of the other groups.

use super::{ADA, ADDRESS, FREE, Given, OTHER, Scene};
use crate::{
    groups::auth_v1::{annotate, profile},
    oidc::{machine, signed_in, token_of},
    provider::addresses::{coming_back, exchanged},
    support::PASSWORD,
};
use serde_json::json;

pub(super) async fn of_me<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "GetMyUser"
        | "GetMyProfile"
        | "GetMyEmail"
        | "ListMyUserSessions"
        | "ListMyRefreshTokens"
        | "RevokeAllMyRefreshTokens"
        | "ListMyZitadelPermissions"
        | "ListMyProjectPermissions"
        | "GetSupportedLanguages"
        | "GetMyPasswordComplexityPolicy"
        | "GetMyLoginPolicy"
        | "GetMyLabelPolicy"
        | "GetMyPrivacyPolicy" => own().await,
        "Healthz" => scene.anybody(),
        "ListMyMetadata" | "ListMyUserChanges" | "ListMyMemberships" | "ListMyUserGrants" | "ListMyProjectOrgs" => {
            own().await.with(json!({}))
        }
        "UpdateMyProfile" => own().await.with(profile()),
        "UpdateMyPassword" => {
            let new = json!({ "oldPassword": PASSWORD, "newPassword": OTHER });
            own().await.with(new)
        }
        "RemoveMyUser" => {
            crate::user::let_leave(&scene.owner).await;
            own().await
        }
        "UpdateMyUserName" => {
            crate::user::let_rename(&scene.owner).await;
            own().await.with(json!({ "userName": "ada.king" }))
        }
        "RemoveMyAvatar" => {
            let given = own().await;
            scene.draw(&given.by, "-").await;
            given
        }
        "RevokeMyRefreshToken" => {
            let (person, other) = scene.twice().await;
            Given::by(person).of(other)
        }
        "GetMyMetadata" => annotated(scene).await,
        "SetMyEmail" => own().await.with(json!({ "email": FREE })),
        "VerifyMyEmail" => {
            let given = own().await;
            let code = scene.code(&given.by, ADDRESS).await;
            given.with(json!({ "code": code }))
        }
        "ListMyLinkedIDPs" => linked(scene).await.0.with(json!({})),
        "RemoveMyLinkedIDP" => {
            let (given, provider) = linked(scene).await;
            given.of(provider).of("sub-1")
        }
        "ResendMyEmailVerification" => scene.waiting().await,
        _ => return None,
    })
}

/// Somebody of whom something is noted.
async fn annotated<'a>(scene: &Scene<'a>) -> Given<'a> {
    let given = Given::by(scene.person().await);
    annotate(&scene.owner, ADA, "team", "engines").await;
    given.of("team")
}

/// Somebody who signs in by a provider as well, and the provider.
async fn linked<'a>(scene: &Scene<'a>) -> (Given<'a>, String) {
    let given = Given::by(scene.person().await);
    let provider = crate::provider::use_provider(&scene.owner, ADA, "corp", "sub-1").await;
    (given, provider)
}

pub(super) async fn of_gateway<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "SendEmailVerification" => scene.anybody().with(json!({ "email": ADDRESS, "purpose": "register" })),
        "VerifyEmail" => {
            let code = scene.code(&scene.person().await, ADDRESS).await;
            scene.anybody().with(json!({ "email": ADDRESS, "code": code }))
        }
        "Register" => {
            let ask = json!({ "email": ADDRESS, "purpose": "register" });
            let anybody = scene.owner.tenant.anybody();
            anybody.post("/v1/email/send-verification", &ask).await.expect(200);
            let code = scene.mail_to(ADDRESS).await.code();
            let new = json!({ "username": ADA, "email": ADDRESS, "password": PASSWORD, "code": code });
            scene.anybody().with(new)
        }
        "Login" => {
            scene.person().await;
            scene.anybody().with(json!({ "username": ADA, "password": PASSWORD }))
        }
        "RefreshToken" | "Logout" => {
            let person = scene.person().await;
            let body = json!({ "refreshToken": person.tokens["refreshToken"] });
            scene.anybody().with(body)
        }
        "ResetPassword" => {
            scene.person().await;
            scene.anybody().with(json!({ "email": ADDRESS }))
        }
        "ConfirmPasswordReset" => {
            let code = scene.forgot().await.code();
            let body = json!({ "email": ADDRESS, "code": code, "newPassword": OTHER });
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

pub(super) async fn of_accounts<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let own = async || Given::by(scene.person().await);
    Some(match id {
        "Login" => {
            scene.person().await;
            scene.anybody().with(json!({ "email": ADDRESS, "password": PASSWORD }))
        }
        "Register" => {
            let user = json!({ "firstName": "Ada", "email": ADDRESS });
            let body = json!({ "user": user, "password": PASSWORD, "confirmPassword": PASSWORD });
            scene.anybody().with(body)
        }
        "SignInWithGoogle" | "SignInWithGitHub" | "SignInWithMicrosoft" | "SignInWithFacebook" => {
            let maker = id["SignInWith".len()..].to_lowercase();
            coming_back(&scene.owner, &maker).await;
            scene.anybody()
        }
        "ComeBackFromGoogle" | "ComeBackFromGitHub" | "ComeBackFromMicrosoft" | "ComeBackFromFacebook" => {
            let maker = id["ComeBackFrom".len()..].to_lowercase();
            let (query, cookie) = coming_back(&scene.owner, &maker).await;
            Given {
                header: Some(("cookie", cookie)),
                ..scene.anybody().asking(query)
            }
        }
        "ExchangeCode" => scene.anybody().with(exchanged(&scene.owner).await),
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
            let code = scene.code(&scene.person().await, ADDRESS).await;
            scene.anybody().with(json!({ "email": ADDRESS, "code": code }))
        }
        "CheckEmail" => scene.anybody().with(json!({ "email": ADDRESS })),
        "RequestEmailChange" => own().await.with(json!({ "email": FREE })),
        "VerifyEmailChange" => {
            let given = own().await;
            let code = scene.code(&given.by, FREE).await;
            given.with(json!({ "code": code }))
        }
        _ => return None,
    })
}

pub(super) async fn of_verification<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    let query = format!("?email={ADDRESS}");
    Some(match id {
        "SendVerification" => scene.anybody().asking(query),
        "SendPasswordReset" => {
            scene.person().await;
            scene.anybody().asking(query)
        }
        "ResetPassword" => {
            let token = scene.forgot().await.token();
            scene.anybody().with(json!({ "email": ADDRESS, "token": token }))
        }
        "GetStatus" => scene.anybody(),
        _ => return None,
    })
}

pub(super) async fn of_oidc<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    if let Some(given) = of_flow(scene, id).await {
        return Some(given);
    }
    let secret = machine(&scene.owner, "cron", json!({ "roles": ["support"] })).await;
    let token = async || token_of(&scene.owner.tenant, ("cron", &secret), &[]).await;
    let form = match id {
        "CreateToken" => json!({ "grant_type": "client_credentials" }),
        "IntrospectToken" | "RevokeToken" => json!({ "token": token().await }),
        _ => return None,
    };
    let mut form = form;
    form["client_id"] = json!("cron");
    form["client_secret"] = json!(secret);
    Some(scene.anybody().with(form))
}

/// The endpoints of people who sign in to applications.
async fn of_flow<'a>(scene: &Scene<'a>, id: &str) -> Option<Given<'a>> {
    if ![
        "Authorize",
        "AuthorizeByForm",
        "GetUserinfo",
        "PostUserinfo",
        "EndSession",
        "EndSessionByForm",
    ]
    .contains(&id)
    {
        return None;
    }
    let (path, cookie, token) = signed_in(&scene.owner).await;
    let query = path.strip_prefix("/oauth2/authorize").unwrap();
    let by = scene.owner.tenant.anybody();
    Some(match id {
        "Authorize" => Given {
            header: Some(("cookie", cookie)),
            ..Given::by(by).asking(query)
        },
        "EndSession" => scene.anybody(),
        "EndSessionByForm" => scene.anybody().with(json!({ "client_id": "shop" })),
        "AuthorizeByForm" => Given::by(by).with(json!({ "client_id": "shop", "response_type": "code" })),
        "GetUserinfo" => Given {
            header: Some(("authorization", format!("Bearer {token}"))),
            ..Given::by(by)
        },
        _ => Given::by(by).with(json!({ "access_token": token })),
    })
}
