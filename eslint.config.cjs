const globals = require("globals");

const staticMember = (name) => ({
    selector: `ClassDeclaration[superClass.name='Component']:not(:has(ClassBody.body > PropertyDefinition[key.name='${name}'][static='true']))`,
    message: `A component declares static ${name}`,
});

module.exports = [
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: { ...globals.browser, odoo: "readonly", luxon: "readonly", Chart: "readonly" },
        },
        rules: {
            "no-undef": "error",
            "no-restricted-globals": ["error", "event", "self"],
            "no-const-assign": "error",
            "no-debugger": "error",
            "no-console": "error",
            "no-dupe-class-members": "error",
            "no-dupe-keys": "error",
            "no-dupe-args": "error",
            "no-dupe-else-if": "error",
            "no-unsafe-negation": "error",
            "no-duplicate-imports": "error",
            "valid-typeof": "error",
            eqeqeq: "error",
            "no-unused-vars": ["error", { args: "none", caughtErrors: "all" }],
            "no-restricted-syntax": [
                "error",
                "PrivateIdentifier",
                staticMember("props"),
                staticMember("template"),
                {
                    selector: "CallExpression[callee.name='_t'] > :first-child[value=/(.*%s){2,}/]",
                    message: "Name the placeholders of a text with several",
                },
                {
                    selector:
                        "CallExpression[callee.object.name='notificationService'][callee.property.name='add'] > Literal:first-child",
                    message: "A notification's text is translated",
                },
            ],
        },
    },
    {
        files: ["**/*.cjs"],
        languageOptions: { sourceType: "commonjs", globals: globals.node },
        rules: { "no-undef": "error", "no-unused-vars": "error" },
    },
];
