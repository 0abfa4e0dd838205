.class public LSupersLeaf;
.super LSupersBase;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, LSupersBase;-><init>()V
    return-void
.end method

.method public name()Ljava/lang/String;
    .registers 2
    invoke-super {p0}, LSupersTop;->name()Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method
