export const builtInRoles = {
  builtInRoles: {
    owner: { name: "Owner", description: "May do everything in the tenant." },
    "user-manager": { name: "User manager", description: "Looks after users: creates, imports, exports, changes, renames, disables and deletes them, and gives them roles." },
    "role-manager": { name: "Role manager", description: "Makes roles of the permissions they have themselves, and gives them to users." },
    "application-manager": { name: "Application manager", description: "Looks after the applications that people sign in to, and after APIs, as far as these may do no more than they themselves." },
    "mail-manager": { name: "Mail manager", description: "Looks after the senders that mail leaves by, the texts of messages, and their delivery." },
    "sign-in-manager": { name: "Sign-in manager", description: "Looks after the providers that people sign in through, as far as these vouch for nothing that they may not decide themselves." },
    "attachment-manager": { name: "Attachment manager", description: "Looks after files: uploads, groups, shows and deletes them." },
    "backup-manager": { name: "Backup manager", description: "Makes backups and deletes them. Whoever downloads or restores one has to be permitted everything." },
    operator: { name: "Operator", description: "In the default tenant: founds, suspends and deletes tenants, says what they may have at most, and decides the settings that they inherit. It sees nothing of what is in them." },
    auditor: { name: "Auditor", description: "Sees everything that was done, and changes nothing." },
    support: { name: "Support", description: "Helps people into their accounts: sees users, the delivery of their mail, which they repeat, and their sessions, which they end." },
    user: { name: "User", description: "Looks after their own account. Every user has this role." },
    anonymous: { name: "Everyone", description: "What may be done without signing in, and by everybody who has." },
  },
} as const;
