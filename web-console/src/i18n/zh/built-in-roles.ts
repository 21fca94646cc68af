import type { Texts } from "../texts";

export const builtInRoles: Pick<Texts, "builtInRoles"> = {
  builtInRoles: {
    owner: { name: "所有者", description: "可以在租户中做任何事。" },
    "user-manager": { name: "用户管理员", description: "管理用户：创建、导入、导出、更改、重命名、停用和删除用户，并授予角色。" },
    "role-manager": { name: "角色管理员", description: "用自己拥有的权限创建角色，并授予用户。" },
    "application-manager": { name: "应用管理员", description: "管理用户登录的应用和 API，且它们的权限不超过管理员自身。" },
    "mail-manager": { name: "邮件管理员", description: "管理发件服务、邮件文本及其投递。" },
    "sign-in-manager": { name: "登录管理员", description: "管理用户用来登录的身份提供商，且它们担保的内容不超出管理员可决定的范围。" },
    "attachment-manager": { name: "文件管理员", description: "管理文件：上传、分组、查看和删除。" },
    "backup-manager": { name: "备份管理员", description: "创建和删除备份。下载或恢复备份需要全部权限。" },
    operator: { name: "运营者", description: "在默认租户中：创建、暂停和删除租户，决定其配额以及它们继承的设置。看不到租户中的内容。" },
    auditor: { name: "审计员", description: "可查看所有操作记录，不能更改任何内容。" },
    support: { name: "支持人员", description: "帮助用户登录账户：查看用户、重发邮件、结束会话。" },
    user: { name: "用户", description: "管理自己的账户。每个用户都有此角色。" },
    anonymous: { name: "所有人", description: "无需登录即可做的事，已登录的人也可以做。" },
  },
};
