# A default method called as the class's own, of an interface that it has through another one or a superclass only.
# says: toptop
.class public LSupers;
.super Ljava/lang/Object;
.implements Ljava/lang/Runnable;
.implements LSupersLow;

.method public constructor <init>()V
    .registers 1
    invoke-direct {p0}, Ljava/lang/Object;-><init>()V
    return-void
.end method

.method public run()V
    .registers 1
    return-void
.end method

.method public name()Ljava/lang/String;
    .registers 2
    invoke-super {p0}, LSupersTop;->name()Ljava/lang/String;
    move-result-object v0
    return-object v0
.end method

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 3
    new-instance v0, LSupers;
    invoke-direct {v0}, LSupers;-><init>()V
    invoke-virtual {v0}, LSupers;->name()Ljava/lang/String;
    move-result-object v1
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    new-instance v0, LSupersLeaf;
    invoke-direct {v0}, LSupersLeaf;-><init>()V
    invoke-virtual {v0}, LSupersLeaf;->name()Ljava/lang/String;
    move-result-object v1
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    return-void
.end method
