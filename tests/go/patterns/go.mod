module patterns

go 1.19
