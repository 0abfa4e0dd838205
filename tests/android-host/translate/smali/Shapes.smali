# What optimizers make of code: constructors of a superclass called for a new object, a constant of two types,
# handlers inside their own try and without an exception, fields of one name, a loop to the first instruction.
# says: base5;middle;1.0 1065353216;2.0 1073741824;caught ArithmeticException 3;retried 3;int string;10;null;7;end
.class public LShapes;
.super Ljava/lang/Object;

.field static a:I = 0x5
.field static a:Ljava/lang/String; = "string"

.method static put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    .registers 3
    invoke-virtual {p0, p1}, Ljava/lang/StringBuilder;->append(Ljava/lang/Object;)Ljava/lang/StringBuilder;
    const-string v0, ";"
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    return-void
.end method

.method static both(Ljava/lang/StringBuilder;Z)V
    .registers 4
    const v0, 0x3f800000
    if-eqz p1, :meet
    const v0, 0x40000000
    :meet
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(F)Ljava/lang/StringBuilder;
    move-result-object p0
    const/16 v1, 0x20
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(C)Ljava/lang/StringBuilder;
    # v0 is what both ways put there, read as an int this time: through a move, so that both follow.
    move v1, v0
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const/16 v1, 0x3b
    invoke-virtual {p0, v1}, Ljava/lang/StringBuilder;->append(C)Ljava/lang/StringBuilder;
    return-void
.end method

.method static caught(Ljava/lang/StringBuilder;)V
    .registers 6
    const/4 v0, 0x3
    const/4 v1, 0x0
    :start
    div-int v2, v0, v1
    const/4 v0, 0x4
    :end
    .catch Ljava/lang/ArithmeticException; {:start .. :end} :handler
    return-void
    :handler
    move-exception v3
    invoke-virtual {v3}, Ljava/lang/Object;->getClass()Ljava/lang/Class;
    move-result-object v4
    invoke-virtual {v4}, Ljava/lang/Class;->getSimpleName()Ljava/lang/String;
    move-result-object v4
    const-string v3, "caught "
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-virtual {p0, v4}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    const-string v3, " "
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-virtual {p0, v0}, Ljava/lang/StringBuilder;->append(I)Ljava/lang/StringBuilder;
    const-string v3, ";"
    invoke-virtual {p0, v3}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    return-void
.end method

# The handler is the begin of its own try, and nobody asks for the exception.
.method static retried(I)I
    .registers 5
    const/4 v0, 0x0
    :again
    :start
    add-int/lit8 v0, v0, 0x1
    rsub-int/lit8 v1, v0, 0x3
    if-eqz v1, :done
    const/4 v2, 0x0
    div-int v1, v1, v2
    :end
    .catchall {:start .. :end} :again
    :done
    return v0
.end method

# The first instruction is a jump's target, and the parameter's register holds other kinds later.
.method static count(I)I
    .registers 3
    :first
    add-int/lit8 p0, p0, 0x1
    const/16 v0, 0xa
    if-lt p0, v0, :first
    move v1, p0
    const-string p0, "text"
    invoke-virtual {p0}, Ljava/lang/String;->length()I
    move-result p0
    add-int/lit8 p0, p0, -0x4
    add-int v0, v1, p0
    return v0
.end method

# Null in a register that held a number, then joined with an object.
.method static joined(Z)Ljava/lang/Object;
    .registers 2
    const/4 v0, 0x0
    if-eqz p0, :out
    if-eqz v0, :out
    const-string v0, "never"
    :out
    return-object v0
.end method

# Two longs that overlap in v2.
.method static overlap()I
    .registers 4
    const-wide/16 v0, 0x5
    const-wide/16 v1, 0x7
    long-to-int v0, v1
    return v0
.end method

.method public static run(Ljava/lang/StringBuilder;)V
    .registers 5
    new-instance v0, LShapes$Leaf;
    const/4 v1, 0x5
    move-object v2, v0
    invoke-direct {v2, v1}, LShapes$Base;-><init>(I)V
    invoke-virtual {v0}, LShapes$Base;->toString()Ljava/lang/String;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    new-instance v0, LShapes$Middle;
    invoke-direct {v0}, LShapes$Middle;-><init>()V
    invoke-virtual {v0}, LShapes$Middle;->name()Ljava/lang/String;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    const/4 v1, 0x0
    invoke-static {p0, v1}, LShapes;->both(Ljava/lang/StringBuilder;Z)V
    const/4 v1, 0x1
    invoke-static {p0, v1}, LShapes;->both(Ljava/lang/StringBuilder;Z)V
    invoke-static {p0}, LShapes;->caught(Ljava/lang/StringBuilder;)V
    const-string v2, "retried "
    invoke-virtual {p0, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    invoke-static {v1}, LShapes;->retried(I)I
    move-result v1
    invoke-static {v1}, Ljava/lang/Integer;->valueOf(I)Ljava/lang/Integer;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    const-string v2, "int "
    invoke-virtual {p0, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    sget-object v2, LShapes;->a:Ljava/lang/String;
    invoke-static {p0, v2}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    sget v1, LShapes;->a:I
    invoke-static {v1}, LShapes;->count(I)I
    move-result v1
    invoke-static {v1}, Ljava/lang/Integer;->valueOf(I)Ljava/lang/Integer;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    invoke-static {v1}, LShapes;->joined(Z)Ljava/lang/Object;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    invoke-static {}, LShapes;->overlap()I
    move-result v1
    invoke-static {v1}, Ljava/lang/Integer;->valueOf(I)Ljava/lang/Integer;
    move-result-object v0
    invoke-static {p0, v0}, LShapes;->put(Ljava/lang/StringBuilder;Ljava/lang/Object;)V
    const-string v2, "end"
    invoke-virtual {p0, v2}, Ljava/lang/StringBuilder;->append(Ljava/lang/String;)Ljava/lang/StringBuilder;
    return-void
.end method
