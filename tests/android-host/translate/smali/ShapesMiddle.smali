.class public LShapes$Middle;
.super LShapes$Bare;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    return-void
.end method

# Called as the superclass's own, by the name of this class.
.method public name()Ljava/lang/String;
    .registers 2
    invoke-super {p0}, LShapes$Middle;->name()Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method
